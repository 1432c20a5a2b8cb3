import FreshetCore
import FreshetKit

/// Versions that are made of others: of an exposure, and of a view, which holds no data of its own.
struct DBTDerivation {
    static let signal = "parents"
    /// Of how many parents the evidence names the versions.
    private static let mostShown = 20

    var project: DBTProject
    var probes: DBTProbes

    /// What was found out already, so that nothing is followed twice.
    private struct Memory {
        var versions: [String: VersionState] = [:]
        var strengths: [String: Strength] = [:]
        /// What was looked at in vain, and what is made of that.
        var lost: Set<String> = []
    }

    /// Adds what moved, and what this tick has looked at.
    func derive(into sight: inout DBTSight) {
        var memory = Memory()
        for (id, name) in project.names {
            guard case .parents = probes.rule(of: id, name: name, in: project) else { continue }
            let version = version(of: id, sight.cursor, &memory, behind: [])
            // Nobody has built it yet, as far as is known.
            if version == .unknown, !sight.cursor.unverified.contains(name), sight.cursor.nodes[name] == nil {
                continue
            }
            put(version, on: id, named: name, doubt: nil, &sight, &memory)
        }
        // Before anything was seen there is nothing to be made of.
        guard !sight.cursor.nodes.isEmpty || !sight.cursor.unverified.isEmpty else { return }
        for (id, name) in project.exposureNames {
            let reads = project.reads(of: id)
            let parents = reads.parents.sorted()
            let versions = parents.map { self.version(of: $0, sight.cursor, &memory, behind: []) }
            let unknown = zip(parents, versions).first { $0.1 == .unknown }.map { project.names[$0.0] ?? $0.0 }
            let doubt = doubt(unresolved: reads.unresolved.min(), unknown: unknown, readsNothing: parents.isEmpty)
            let version = doubt == nil ? .known(Self.combine(id, Array(zip(parents, versions)))) : VersionState.unknown
            put(version, on: id, named: name, doubt: doubt, &sight, &memory)
        }
    }

    /// Why nobody can say whether what an exposure reads has changed.
    private func doubt(unresolved: String?, unknown: String?, readsNothing: Bool) -> String? {
        if let unresolved {
            return "the manifest does not say what is behind '\(unresolved)', which it depends on"
        }
        if let unknown {
            return
                "the version of '\(unknown)' is not known; give it a probe, or state dbt's sources file at the source"
        }
        // Made of nothing, its version would be the same for good.
        return readsNothing ? "the manifest does not say what it depends on; state its depends_on in dbt" : nil
    }

    private func put(
        _ version: VersionState,
        on id: String,
        named name: String,
        doubt: String?,
        _ sight: inout DBTSight,
        _ memory: inout Memory
    ) {
        let text = if case .known(let known) = version { known.fingerprint } else { "" }
        let isSeen = sight.observations[name] != nil
        guard isSeen || sight.cursor.derived[name] != text else { return }
        sight.cursor.derived[name] = text
        var observation = sight.observations[name] ?? Observation(.unknown, observedAt: sight.began)
        observation.version = version
        observation.signal = Self.signal
        observation.strength = strength(of: id, sight.cursor, &memory, behind: [])
        // And nothing of the run: what it says of a view is not said again when only a parent moves.
        observation.values = values(of: id, sight.cursor, &memory)
        if let doubt, observation.message == nil { observation.message = doubt }
        sight.observations[name] = observation
    }

    /// The versions of what it reads, and which SQL a view was built from.
    private func values(of id: String, _ cursor: DBTCursor, _ memory: inout Memory) -> [String: ObservedValue] {
        var values: [String: ObservedValue] = [:]
        if let name = project.names[id] { values["code"] = .text(cursor.code(of: name)) }
        for parent in project.parents(of: id).sorted().prefix(Self.mostShown) {
            values[project.names[parent] ?? parent] = .text(version(of: parent, cursor, &memory, behind: []).text)
        }
        return values
    }

    /// As weak as the weakest of what it is made of.
    private func strength(
        of id: String,
        _ cursor: DBTCursor,
        _ memory: inout Memory,
        behind: Set<String>
    ) -> Strength {
        if let strength = memory.strengths[id] { return strength }
        if let name = project.names[id] {
            switch probes.rule(of: id, name: name, in: project) {
            case .run: return cursor.signals[name] == DBTFreshness.signal ? .heuristic : .probable
            // Whatever is wrong with the figures was told when they were read.
            case .figures(let figures): return (try? probes.probe(figures, table: "t"))?.caveats.strength ?? .heuristic
            case .parents: break
            }
        }
        guard !behind.contains(id) else { return .probable }
        var strength = Strength.probable
        for parent in project.parents(of: id)
        where self.strength(of: parent, cursor, &memory, behind: behind.union([id])) == .heuristic {
            strength = .heuristic
        }
        memory.strengths[id] = strength
        return strength
    }

    private func version(
        of id: String,
        _ cursor: DBTCursor,
        _ memory: inout Memory,
        behind: Set<String>
    ) -> VersionState {
        if let version = memory.versions[id] { return version }
        guard let name = project.names[id] else { return .unknown }
        if cursor.unverified.contains(name) { memory.lost.insert(id) }
        let own = cursor.version(of: name)
        // A damaged manifest may lead in circles.
        guard case .parents = probes.rule(of: id, name: name, in: project), !behind.contains(id) else { return own }
        let reads = project.reads(of: id)
        let parents = reads.parents.sorted()
        let versions = parents.map { self.version(of: $0, cursor, &memory, behind: behind.union([id])) }
        let version: VersionState
        if cursor.unverified.contains(name) || parents.contains(where: memory.lost.contains) {
            memory.lost.insert(id)
            version = .unknown
        } else if parents.isEmpty || !reads.unresolved.isEmpty || versions.contains(.unknown) {
            // What cannot be followed is only known to have been built.
            version = own
        } else {
            version = .known(Self.combine(cursor.code(of: name), Array(zip(parents, versions))))
        }
        memory.versions[id] = version
        return version
    }

    private static func combine(_ code: String, _ parents: [(id: String, version: VersionState)]) -> DataVersion {
        var hash = Fingerprint()
        hash.add(code)
        for (id, version) in parents {
            guard case .known(let version) = version else { continue }
            hash.add(id)
            hash.add(version.fingerprint)
        }
        return DataVersion("parents=\(hash.hexadecimal)")
    }
}
