import FreshetCore

/// Versions that are made of others: of an exposure, and of a view, which holds no data of its own.
struct DBTDerivation {
    static let signal = "parents"

    var project: DBTProject
    var probes: DBTProbes

    /// Adds what moved, and what this tick has looked at.
    func derive(into sight: inout DBTSight) {
        var known: [String: VersionState] = [:]
        for (id, name) in project.names {
            guard case .parents = probes.rule(of: id, name: name, in: project) else { continue }
            let version = version(of: id, sight.cursor, &known, behind: [])
            // Nobody has built it yet, as far as is known.
            if version == .unknown, !sight.cursor.unverified.contains(name), sight.cursor.nodes[name] == nil {
                continue
            }
            put(version, on: name, doubt: nil, &sight)
        }
        // Before anything was seen there is nothing to be made of.
        guard !sight.cursor.nodes.isEmpty || !sight.cursor.unverified.isEmpty else { return }
        for (id, name) in project.exposureNames {
            let reads = project.reads(of: id)
            let parents = reads.parents.sorted()
            let versions = parents.map { self.version(of: $0, sight.cursor, &known, behind: []) }
            let unknown = zip(parents, versions).first { $0.1 == .unknown }.map { project.names[$0.0] ?? $0.0 }
            let doubt = doubt(unresolved: reads.unresolved.min(), unknown: unknown, readsNothing: parents.isEmpty)
            let version = doubt == nil ? .known(Self.combine(id, Array(zip(parents, versions)))) : VersionState.unknown
            put(version, on: name, doubt: doubt, &sight)
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

    private func put(_ version: VersionState, on name: String, doubt: String?, _ sight: inout DBTSight) {
        let text = if case .known(let known) = version { known.fingerprint } else { "" }
        let isSeen = sight.observations[name] != nil
        guard isSeen || sight.cursor.derived[name] != text else { return }
        sight.cursor.derived[name] = text
        var observation = sight.observations[name] ?? Observation(.unknown, observedAt: sight.began)
        observation.version = version
        observation.signal = Self.signal
        observation.strength = .probable
        if let doubt, observation.message == nil { observation.message = doubt }
        sight.observations[name] = observation
    }

    private func version(
        of id: String,
        _ cursor: DBTCursor,
        _ known: inout [String: VersionState],
        behind: Set<String>
    ) -> VersionState {
        if let version = known[id] { return version }
        guard let name = project.names[id] else { return .unknown }
        let own = cursor.version(of: name)
        // A damaged manifest may lead in circles.
        guard case .parents = probes.rule(of: id, name: name, in: project), !behind.contains(id) else { return own }
        let reads = project.reads(of: id)
        let parents = reads.parents.sorted()
        let versions = parents.map { self.version(of: $0, cursor, &known, behind: behind.union([id])) }
        let version: VersionState
        if cursor.unverified.contains(name) {
            version = .unknown
        } else if parents.isEmpty || !reads.unresolved.isEmpty || versions.contains(.unknown) {
            // What cannot be followed is only known to have been built.
            version = own
        } else {
            version = .known(Self.combine(cursor.code(of: name), Array(zip(parents, versions))))
        }
        known[id] = version
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
