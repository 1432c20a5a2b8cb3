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
            await engine.stoppingWithTask {
                await withDiscardingTaskGroup { group in
                    for sensor in engine.sensors.all {
                        group.addTask { await keepLooking(sensor) }
                    }
                    // A service that returns ends the daemon; without sensors this one has nothing to do but stay.
                    group.addTask { await Bell().wait() }
                }
            }
        }
    }

    private func keepLooking(_ sensor: SensorSpec) async {
        let clock = engine.clock
        let chance = engine.surroundings.chance
        var failures = 0
        // What is never polled is looked at once as well: the hint at it may have come just before the daemon ended.
        var wait = sensor.timing.firstWait(chance: chance()) ?? .zero as Duration?
        while !Task.isCancelled {
            await engine.hints.bell(for: sensor.name).wait(until: wait.map { clock.now + $0 }, on: clock)
            if Task.isCancelled { return }
            if await engine.isPaused(sensor: sensor.name) {
                // Until it is resumed, which rings.
                wait = nil
                continue
            }
            failures = await engine.look(sensor, failuresBefore: failures)
            let hasHint = await engine.isHinted(sensor.asset)
            let isHinted = hasHint || sensor.timing.every == nil
            wait = sensor.timing.wait(failures: failures, isHinted: failures > 0 && isHinted, chance: chance())
        }
    }
}

extension Engine {
    /// Looks once and commits what was seen; waits for a look of the same sensor that is under way.
    ///
    /// - Parameters:
    ///   - sensor: who looks.
    ///   - failuresBefore: failed looks in a row before this one.
    ///   - isAsked: whether a person waits for it.
    /// - Returns: failed looks in a row, this one included; 0 when it succeeded.
    func look(_ sensor: SensorSpec, failuresBefore: Int, isAsked: Bool = false) async -> Int {
        // Side by side, the older of two looks could be committed last and take back what the newer has seen.
        let turnstile = looks.turnstile(for: sensor.name)
        await turnstile.enter()
        defer { turnstile.leave() }
        if Task.isCancelled { return failuresBefore }
        let start = LookStart(at: clock.now, hintNumber: world.hintNumber)
        let look = Look(
            sensor: sensor,
            cursor: cursor(of: sensor.name),
            previous: sensor.asset.flatMap { world.observations[$0]?.observation },
            isHinted: isAsked || isHinted(sensor.asset),
            connections: connections,
            surroundings: surroundings,
            roll: looks.roll
        )
        let outcome = await look.perform()
        if Task.isCancelled { return failuresBefore }
        var failures = 0
        if case .failed = outcome { failures = failuresBefore + 1 }
        do {
            try await commit(outcome, of: sensor, begunAt: start, failures: failures)
            if failures == 0 { hints.answer(sensor.name, upTo: start.hintNumber) }
            return failures
        } catch {
            notice(error)
            return failuresBefore + 1
        }
    }
}
