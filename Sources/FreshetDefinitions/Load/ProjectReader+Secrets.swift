internal import FreshetCore
internal import FreshetKit

extension ProjectReader {
    /// The declared backends of secrets, right or wrong, each with whether its secrets have versions.
    func backendNames(_ sections: RawValue?...) -> [String: Bool] {
        let versioned = Set(catalog.secretBackends.filter { $0.hasVersions }.map { $0.name })
        var names: [String: Bool] = [:]
        for entry in sections.compactMap({ $0?.entries }).joined() {
            let kind = entry.value["kind"]?.scalar?.text
            names[entry.key] = kind.map { versioned.contains($0) } ?? names[entry.key] ?? false
        }
        return names
    }

    /// Backends of secrets, each of a kind of the catalog.
    mutating func readSecrets(_ project: RawValue?, _ chosen: RawValue?) {
        guard let raw = merged(project, chosen?.moved(to: .environment), "secrets") else { return }
        let resolved = settings.references.resolve(raw, in: .secretBackend, &diagnostics)
        let types = Dictionary(catalog.secretBackends.map { ($0.name, $0) }) { first, _ in first }
        for entry in resolved.entries ?? [] {
            guard isBackendName(entry) else { continue }
            guard entry.value.entries != nil else {
                diagnostics.error(
                    "the secret backend '\(entry.key)' has to be a mapping, not \(entry.value.description)",
                    at: entry.value.origin,
                    hint: "write '\(entry.key): {kind: ...}'"
                )
                continue
            }
            guard let kind = kind(of: entry, "secret backend", among: types.keys.sorted()), let type = types[kind],
                let value = decode(entry.value, as: ProjectFields.secretBackend + type.fields)
            else { continue }
            guard let cache = cache(Settings(value)) else { continue }
            settings.secretBackends.append(
                SecretBackendDefinition(name: entry.key, type: type, settings: Settings(value), cache: cache)
            )
        }
    }

    private mutating func isBackendName(_ entry: RawEntry) -> Bool {
        if ProcessSecrets.backends.contains(entry.key) {
            diagnostics.error(
                "the secret backend '\(entry.key)' exists without being declared",
                at: entry.keyOrigin,
                hint: "use ${secret:\(entry.key)/...} as it is, or choose another name"
            )
            return false
        }
        guard entry.key.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.\-]*/) == nil else { return true }
        diagnostics.error(
            "'\(entry.key)' cannot be the name of a secret backend",
            at: entry.keyOrigin,
            hint: "use letters, digits, '_', '-' and '.', and begin with a letter or a digit"
        )
        return false
    }

    /// - Returns: `nil` for one that is too long, which has been said.
    private mutating func cache(_ settings: Settings) -> Duration? {
        // The shape has been checked; what is not stated is the default.
        let stated = (try? settings.duration("cache")) ?? ProjectFields.longestCache
        if stated <= ProjectFields.longestCache { return stated }
        diagnostics.error(
            "'cache' has to be at most 5m, so that a changed secret is used soon",
            at: settings.origin(of: "cache"),
            hint: "write 5m or less"
        )
        return nil
    }
}
