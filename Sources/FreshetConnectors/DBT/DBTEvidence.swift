import FreshetCore
import FreshetKit

/// Looks at the tables of nodes in the database, so that a version says what they hold and not that they were built.
struct DBTEvidence {
    /// How many tables are looked at side by side.
    private static let width = 4
    /// What has to be left of the tick's time for a further look to begin.
    private static let reserve = Duration.seconds(5)

    var probes: DBTProbes
    var project: DBTProject
    var prefix: String
    var context: ProbeContext

    /// Adds the nodes whose turn it is to those that have to be looked at.
    ///
    /// `hasRun` says whether dbt has run since the last look: its sources may have moved just before.
    func note(hasRun: Bool, in sight: inout DBTSight) {
        let now = context.surroundings.clock.now.milliseconds
        let isDue = probes.every.map { every in
            sight.cursor.probedAt.map { now - $0 >= every.inMilliseconds } ?? true
        }
        let isEverybody = isDue == true || context.isHinted
        for (id, name) in project.names where probes.figures(of: id, name: name, in: project) != nil {
            let isNew = sight.cursor.signals[name].map { $0 == DBTFreshness.signal } ?? true
            let isSource = project.materialization(of: id) == "source"
            if isEverybody || isNew || hasRun && isSource { sight.cursor.pending.insert(name) }
        }
        if isEverybody { sight.cursor.probedAt = now }
    }

    /// Looks at what has to be looked at, as far as the time allows; the rest is left to the next tick.
    func look(_ sight: inout DBTSight) async {
        let wanted = sight.cursor.pending
        guard !wanted.isEmpty else { return }
        var probes: [(name: String, probe: Result<SQLTableProbe, Diagnostic>)] = []
        var connections: [String: String] = [:]
        for (id, name) in project.names where wanted.contains(name) {
            guard let figures = self.probes.figures(of: id, name: name, in: project) else { continue }
            connections[name] = self.probes.connection(of: figures)
            probes.append((name, Result { () throws(Diagnostic) in try probe(figures, id) }))
        }
        // What is no longer there, or no longer looked at, waits for nothing.
        sight.cursor.pending = Set(probes.map(\.name))
        probes.sort { $0.name < $1.name }
        let looks = await looks(probes)
        for (name, look) in looks { apply(look, to: name, &sight) }
        for (name, connection) in connections where looks[name] != nil && sight.observations[name]?.source == nil {
            sight.observations[name]?.source = connection
        }
        let left = probes.count - looks.count
        for (name, _) in probes where looks[name] == nil && sight.cursor.complaint(about: name) == nil {
            // It is as it was until it has been looked at.
            sight.observations[name] = nil
        }
        let failed = looks.values.count { if case .failure = $0 { true } else { false } }
        var sentence = "looked at \(looks.count == 1 ? "1 table" : "\(looks.count) tables")"
        if failed > 0 { sentence += ", \(failed) in vain" }
        if left > 0 { sentence += ", \(left) left for the next look" }
        sight.sentences.append(sentence)
    }

    private func probe(_ figures: ConfigValue, _ id: String) throws(Diagnostic) -> SQLTableProbe {
        guard let table = project.relation(of: id) ?? figures["table"].map({ _ in "t" }) else {
            throw Diagnostic("the manifest does not name the table of '\(id)'", at: figures.origin)
        }
        return try probes.probe(figures, table: table)
    }

    private struct Failure: Error { var message: String }

    private func looks(
        _ probes: [(name: String, probe: Result<SQLTableProbe, Diagnostic>)]
    ) async -> [String: Result<Observation, Failure>] {
        await withTaskGroup(of: (String, Result<Observation, Failure>).self) { group in
            var waiting = probes[...]
            var found: [String: Result<Observation, Failure>] = [:]
            func begin() {
                let clock = context.surroundings.clock
                guard clock.now + Self.reserve < context.deadline, let (name, probe) = waiting.popFirst() else {
                    return
                }
                group.addTask { (name, await look(name, probe)) }
            }
            for _ in 0..<Self.width { begin() }
            while let (name, look) = await group.next() {
                found[name] = look
                begin()
            }
            return found
        }
    }

    private func look(_ name: String, _ probe: Result<SQLTableProbe, Diagnostic>) async -> Result<Observation, Failure>
    {
        do {
            return .success(try await probe.get().observe(AssetKey(prefix + name), in: context))
        } catch let error as Diagnostic {
            return .failure(Failure(message: error.message))
        } catch {
            return .failure(Failure(message: context.surroundings.redactor.redact(String(describing: error))))
        }
    }

    private func apply(_ look: Result<Observation, Failure>, to name: String, _ sight: inout DBTSight) {
        let values = sight.observations[name]?.values ?? [:]
        switch look {
        case .success(var observation):
            if case .known(let version) = observation.version {
                sight.cursor.verify(name, version)
            } else {
                sight.cursor.lose(name)
            }
            sight.cursor.pending.remove(name)
            sight.cursor.signals[name] = observation.signal
            observation.values.merge(values) { seen, _ in seen }
            sight.observations[name] = observation
        case .failure(let failure):
            // It stays among those to look at: the next tick asks again.
            sight.cursor.lose(name)
            sight.observations[name] = Observation(
                .unknown,
                signal: sight.cursor.signals[name] ?? "",
                values: values,
                observedAt: sight.began,
                message: failure.message
            )
        }
    }
}
