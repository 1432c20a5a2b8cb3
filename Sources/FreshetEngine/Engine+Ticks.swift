import FreshetCore
import FreshetKit
import Logging

extension Engine {
    /// What the sensor's next look starts from.
    func cursor(of sensor: String) -> String? { world.cursors[sensor] }

    /// Whether something hinted at this asset and it has not been looked at since.
    func isHinted(_ asset: AssetKey?) -> Bool { asset.map { world.hinted[$0] != nil } ?? false }

    /// Commits a look and all that follows from it: observations, decisions and triggers, in one transaction.
    ///
    /// - Parameters:
    ///   - outcome: what was seen.
    ///   - sensor: who looked.
    ///   - startedAt: when the look began.
    ///   - failures: failed looks in a row, this one included.
    func commit(
        _ outcome: Look.Outcome,
        of sensor: SensorSpec,
        startedAt: Timestamp,
        failures: Int
    ) async throws(StoreError) {
        let result: Result<Void, StoreError> = await exclusively {
            do throws(StoreError) {
                try await commitAlone(outcome, of: sensor, startedAt: startedAt, failures: failures)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func commitAlone(
        _ outcome: Look.Outcome,
        of sensor: SensorSpec,
        startedAt: Timestamp,
        failures: Int
    ) async throws(StoreError) {
        let now = clock.now
        var reading = SensorReading(cursor: world.cursors[sensor.name], observations: [:])
        var status = TickRecord.Status.unchanged
        switch outcome {
        case .seen(let seen): reading = seen
        case .failed(let message):
            status = .failed
            reading.message = message
            if let asset = sensor.asset, failures >= SensorTiming.failuresUntilUnknown {
                reading.observations[asset] = unknown(asset, because: message)
            }
        }
        for key in reading.observations.keys { reading.observations[key]?.observedAt = startedAt }

        let known = reading.observations.filter { world.graph[$0.key]?.isObserved == true }
        let changed = known.filter { hasMoved($0.key, to: $0.value) }
        if status == .unchanged, !changed.isEmpty { status = .changed }
        // A look that began before its hint may have read half of what the hint is about.
        let answered = known.keys.filter { key in world.hinted[key].map { $0 <= startedAt } ?? false }

        // Decided on a copy: the world moves only after the commit.
        var next = world
        for (key, observation) in known {
            next.apply(observation, to: key, changed: changed[key] != nil, at: now)
        }
        next.cursors[sensor.name] = reading.cursor
        for key in answered { next.hinted[key] = nil }
        let hinted = hints(from: changed.keys)
        for key in hinted { next.hinted[key] = now }
        let moved = Set(changed.keys).union(answered)
        let targets = moved.isEmpty ? [] : Automation.targets(of: moved, in: next.graph)
        let change = evaluate(targets, in: next, kind: .sensor, key: "\(sensor.name):\(startedAt.milliseconds)", at: now)

        let tick = TickRecord(
            sensor: sensor.name,
            status: status,
            message: reading.message,
            startedAt: startedAt,
            endedAt: now
        )
        try await store.commit(
            TickCommit(
                tick: tick,
                cursor: reading.cursor,
                observations: changed,
                verified: known.keys.filter { changed[$0] == nil },
                change: change
            ),
            by: writer
        )
        next.pending += change.triggers.filter { $0.disposition == nil }
        world = next
        report(tick, changed: changed.keys.sorted())
        for key in hinted { hints.bell(for: key.path).ring() }
        if !change.triggers.isEmpty { triggersMoved.ring() }
    }

    private func unknown(_ asset: AssetKey, because message: String) -> Observation {
        var observation = world.observations[asset]?.observation ?? .unknown
        observation.version = .unknown
        observation.message = message
        return observation
    }

    private func hasMoved(_ asset: AssetKey, to observation: Observation) -> Bool {
        guard let before = world.observations[asset]?.observation else { return true }
        return before.version != observation.version || before.health != observation.health
    }

    /// The probed assets right behind what changed, through observed assets that have no probe of their own.
    private func hints(from changed: some Sequence<AssetKey>) -> Set<AssetKey> {
        var found: Set<AssetKey> = []
        var seen: Set<AssetKey> = []
        var next = changed.flatMap { world.graph.dependents(of: $0) }
        while let key = next.popLast() {
            guard seen.insert(key).inserted, let definition = world.definitions[key], definition.spec.isObserved else {
                continue
            }
            if case .probed = definition.work {
                found.insert(key)
            } else {
                next += world.graph.dependents(of: key)
            }
        }
        return found
    }

    private func report(_ tick: TickRecord, changed: [AssetKey]) {
        switch tick.status {
        case .failed: log.warning("sensor \(tick.sensor) failed: \(tick.message)")
        case .changed:
            let names = changed.prefix(5).map(\.path).joined(separator: ", ")
            let more = changed.count > 5 ? " and \(changed.count - 5) more" : ""
            log.info("sensor \(tick.sensor): \(names)\(more) changed")
        case .unchanged: log.debug("sensor \(tick.sensor): nothing new")
        }
    }
}
