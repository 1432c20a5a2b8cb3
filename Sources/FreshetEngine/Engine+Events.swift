import FreshetCore
import FreshetKit
import Logging

extension Engine {
    /// How often a store that says no without a reason that passes is asked again.
    private static let tries = 5

    /// Appends, again and again while the store is full: what has happened cannot be taken back.
    ///
    /// A store that says no for good is told to the log; the next start replays the run from what it has.
    ///
    /// - Returns: whether the events are on record.
    func append(_ events: [RunEvent]) async -> Bool {
        guard !events.isEmpty else { return true }
        var wait = Duration.milliseconds(100)
        var tries = 0
        while true {
            do {
                try await store.append(events, by: writer)
                return true
            } catch {
                notice(error)
                switch error {
                case .full, .unknownOutcome: break
                case .failed where tries < Self.tries: tries += 1
                default: return false
                }
            }
            // The process ends: the next one finds the remote operations and takes them up.
            if isStopping { return false }
            await pause(wait)
            wait = min(wait * 2, .seconds(30))
        }
    }

    /// Sleeps, whatever happens to the present task, until the time is over or the engine stops.
    private func pause(_ wait: Duration) async {
        await Task { [stopping, clock] in await stopping.sleep(until: clock.now + wait, on: clock) }.value
    }

    /// Takes events that are on record into the world.
    func note(_ events: [RunEvent]) {
        var made: [AssetKey] = []
        for event in events {
            switch event {
            case .materialized(let record):
                world.apply(record)
                made.append(record.materialization.asset)
            case .step(let step): world.apply(finished: step)
            case .checked, .decided, .ended, .logged, .subStep, .throttled: break
            }
        }
        let hinted = hints(from: made)
        guard !hinted.isEmpty else { return }
        world.hint(at: hinted)
        for key in hinted { hints.bell(for: key.path).ring() }
    }
}
