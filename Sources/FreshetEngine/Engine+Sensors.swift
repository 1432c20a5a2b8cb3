public import FreshetCore
public import FreshetKit

/// A look that was made to be looked at, and of which nothing was kept.
public struct SensorTrial: Sendable {
    public var tick: TickRecord
    public var observations: [AssetKey: Observation]
    /// Those of ``observations`` whose version or health is another than the store has.
    public var changed: Set<AssetKey>
}

extension Engine {
    func isPaused(sensor: String) -> Bool { world.pausedSensors.contains(sensor) }

    /// Takes note of a pause or resume of a sensor or a schedule that somebody else committed to the store.
    ///
    /// The slots of a paused schedule pass; a paused sensor looks only when a person asks for a run.
    public func notice(isPaused: Bool, sensor: String) async {
        await exclusively {
            if isPaused { world.pausedSensors.insert(sensor) } else { world.pausedSensors.remove(sensor) }
        }
        if !isPaused { hints.bell(for: sensor).ring() }
    }

    public func notice(isPaused: Bool, schedule: String) async {
        await exclusively {
            if isPaused { world.pausedSchedules.insert(schedule) } else { world.pausedSchedules.remove(schedule) }
        }
    }

    /// Forgets how far a sensor has come, as somebody has committed it to the store, and looks again.
    public func notice(reset sensor: String) async {
        let turnstile = looks.turnstile(for: sensor)
        await turnstile.enter()
        defer { turnstile.leave() }
        await exclusively { world.cursors[sensor] = nil }
        hints.bell(for: sensor).ring()
    }

    /// Looks once and commits nothing.
    ///
    /// - Returns: what was seen; `nil` when there is no sensor of that name.
    public func tryLook(_ name: String) async -> SensorTrial? {
        guard let sensor = sensors.all.first(where: { $0.name == name }) else { return nil }
        let began = clock.now
        let look = Look(
            sensor: sensor,
            cursor: cursor(of: name),
            previous: sensor.asset.flatMap { world.observations[$0]?.observation },
            isHinted: true,
            connections: connections,
            surroundings: surroundings,
            roll: LookRoll()
        )
        let outcome = await look.perform()
        var tick = TickRecord(sensor: name, status: .unchanged, message: "", startedAt: began, endedAt: clock.now)
        switch outcome {
        case .failed(let message):
            tick.status = .failed
            tick.message = message
            return SensorTrial(tick: tick, observations: [:], changed: [])
        case .seen(let reading):
            let known = reading.observations.filter { world.graph[$0.key]?.isObserved == true }
            let changed = Set(known.lazy.filter { self.hasMoved($0.key, to: $0.value) }.map(\.key))
            tick.status = changed.isEmpty ? .unchanged : .changed
            tick.message = reading.message
            return SensorTrial(tick: tick, observations: known, changed: changed)
        }
    }
}
