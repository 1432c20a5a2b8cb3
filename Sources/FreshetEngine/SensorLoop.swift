import FreshetCore
import FreshetKit
public import ServiceLifecycle

/// Keeps every sensor looking, each in a task of its own, so that none waits for another.
public struct SensorLoop: Service {
    private let engine: Engine

    public init(_ engine: Engine) { self.engine = engine }

    /// Returns when the task is cancelled or the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for sensor in SensorSpec.all(of: engine.project) {
                    group.addTask { await keepLooking(sensor) }
                }
            }
        }
    }

    private func keepLooking(_ sensor: SensorSpec) async {
        let clock = engine.clock
        let chance = engine.surroundings.chance
        var failures = 0
        var wait = sensor.timing.firstWait(chance: chance())
        // An asset that is never polled, and that nothing hinted at yet, still has to be seen once.
        if wait == nil, await !engine.hasSeen(sensor.asset) { wait = .zero }
        while !Task.isCancelled {
            await engine.hints.bell(for: sensor.name).wait(until: wait.map { clock.now + $0 }, on: clock)
            if Task.isCancelled { return }
            failures = await engine.look(sensor, failuresBefore: failures)
            let hasHint = await engine.isHinted(sensor.asset)
            let isHinted = hasHint || sensor.timing.every == nil
            wait = sensor.timing.wait(failures: failures, isHinted: failures > 0 && isHinted, chance: chance())
        }
    }
}

extension Engine {
    func hasSeen(_ asset: AssetKey?) -> Bool { asset.map { world.observations[$0] != nil } ?? true }

    /// Looks once and commits what was seen.
    ///
    /// - Returns: failed looks in a row, this one included; 0 when it succeeded.
    func look(_ sensor: SensorSpec, failuresBefore: Int) async -> Int {
        let startedAt = clock.now
        let look = Look(
            sensor: sensor,
            cursor: cursor(of: sensor.name),
            connections: connections,
            surroundings: surroundings
        )
        let outcome = await look.perform()
        if Task.isCancelled { return failuresBefore }
        var failures = 0
        if case .failed = outcome { failures = failuresBefore + 1 }
        do {
            try await commit(outcome, of: sensor, startedAt: startedAt, failures: failures)
            return failures
        } catch {
            notice(error)
            return failuresBefore + 1
        }
    }
}
