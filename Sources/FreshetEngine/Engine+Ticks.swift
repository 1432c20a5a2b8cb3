import FreshetCore
import FreshetFailpoints
import FreshetKit
import Logging

/// The moment at which a look began.
struct LookStart {
    var at: Timestamp
    /// The latest hint at that moment.
    var hintNumber: Int
}

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
    ///   - start: when the look began.
    ///   - failures: failed looks in a row, this one included.
    /// - Throws: what the store says; then nothing has happened.
    func commit(
        _ outcome: Look.Outcome,
        of sensor: SensorSpec,
        begunAt start: LookStart,
        failures: Int
    ) async throws(StoreError) {
        let result: Result<Void, StoreError> = await exclusively {
            do throws(StoreError) {
                try await commitAlone(outcome, of: sensor, start, failures: failures)
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
        _ start: LookStart,
        failures: Int
    ) async throws(StoreError) {
        failpoint(.tickLoaded)
        let now = clock.now
        let startedAt = start.at
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
        for key in reading.observations.keys {
            reading.observations[key]?.observedAt = startedAt
            if reading.observations[key]?.cost?.took == .zero {
                reading.observations[key]?.cost?.took = now - startedAt
            }
        }

        let known = reading.observations.filter { world.graph[$0.key]?.isObserved == true }
        let changed = Set(known.lazy.filter { self.hasMoved($0.key, to: $0.value) }.map(\.key))
        let told = known.filter { changed.contains($0.key) || differs($0.key, from: $0.value) }
        if status == .unchanged, !changed.isEmpty { status = .changed }
        let before = Remembered(known.keys, hinted: hints(from: changed), world)
        // A look that began before its hint may have read half of what the hint is about.
        let answered = known.keys.filter { key in world.hinted[key].map { $0 <= start.hintNumber } ?? false }
        for (key, observation) in known {
            world.apply(observation, to: key, changed: changed.contains(key), at: now)
        }
        for key in answered { world.hinted[key] = nil }
        world.hint(at: before.hinted)

        let moved = changed.union(answered)
        let targets = moved.isEmpty ? [] : Automation.targets(of: moved, in: world.graph)
        let change = evaluate(targets, kind: .sensor, key: "\(sensor.name):\(startedAt.milliseconds)", at: now)
        failpoint(.tickEvaluated)
        let tick = TickRecord(
            sensor: sensor.name,
            status: status,
            message: reading.message,
            startedAt: startedAt,
            endedAt: now
        )
        let commit = TickCommit(
            tick: tick,
            cursor: reading.cursor,
            observations: told,
            verified: known.keys.filter { told[$0] == nil },
            change: change
        )
        do {
            try failpoint(.tickBeforeCommit) { StoreError.failed($0) }
            try await store.commit(commit, by: writer)
            try failpoint(.tickAfterCommit) { StoreError.unknownOutcome($0) }
        } catch {
            before.restore(in: &world)
            throw error
        }
        world.cursors[sensor.name] = reading.cursor ?? world.cursors[sensor.name]
        take(change.triggers)
        report(tick, changed: changed.sorted())
        for key in before.hinted { hints.bell(for: key.path).ring() }
        if !change.triggers.isEmpty { triggersMoved.ring() }
    }

    /// What a tick is about to lay its sight over, for when the store refuses it.
    ///
    /// The world is changed in place and, rarely, changed back: a copy would cost as much as the whole project.
    private struct Remembered {
        /// What the tick hints at.
        let hinted: Set<AssetKey>
        private var observations: [AssetKey: ObservationRecord?] = [:]
        private var hints: [AssetKey: Int?] = [:]

        init(_ known: some Sequence<AssetKey>, hinted: Set<AssetKey>, _ world: World) {
            self.hinted = hinted
            for key in known {
                observations[key] = .some(world.observations[key])
                hints[key] = .some(world.hinted[key])
            }
            for key in hinted { hints[key] = .some(world.hinted[key]) }
        }

        func restore(in world: inout World) {
            for (key, record) in observations { world.put(record, to: key) }
            for (key, hint) in hints { world.hinted[key] = hint }
        }
    }

    private func unknown(_ asset: AssetKey, because message: String) -> Observation {
        var observation = world.observations[asset]?.observation ?? .unknown
        observation.version = .unknown
        observation.message = message
        return observation
    }

    func hasMoved(_ asset: AssetKey, to observation: Observation) -> Bool {
        guard let before = world.observations[asset]?.observation else { return true }
        return before.version != observation.version || before.health != observation.health
    }

    /// Whether anything but the time and the cost of the look is another than it was.
    private func differs(_ asset: AssetKey, from observation: Observation) -> Bool {
        guard var before = world.observations[asset]?.observation else { return true }
        before.observedAt = observation.observedAt
        before.cost = observation.cost
        return before != observation
    }

    /// The probed assets right behind what changed, through observed assets that have no probe of their own.
    func hints(from changed: some Sequence<AssetKey>) -> Set<AssetKey> {
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
