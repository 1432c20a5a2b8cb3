internal import FreshetCore
internal import FreshetKit

/// Reads `freshet.yaml`: what stands at its top level, and what the chosen environment changes of it.
struct ProjectReader {
    let catalog: Catalog
    let zones: Zones
    let root: String
    let environmentVariables: [String: String]
    /// What the caller asked for; `nil` leaves the choice to `FRESHET_ENV` and to the file.
    let wantedEnvironment: String?

    var settings = ProjectSettings()
    var diagnostics = DiagnosticList()

    /// - Returns: what could be read, beside every mistake.
    mutating func read(_ raw: RawValue?) -> ProjectSettings {
        let origin = Origin(file: ProjectFiles.projectFile)
        guard let raw, !raw.isNull else {
            // Where the file could not be read, that has been said.
            if diagnostics.errorCount == 0 {
                diagnostics.error("the file is empty", at: origin, hint: "begin with 'project: <name>'")
            }
            return settings
        }
        guard let entries = raw.entries else {
            diagnostics.error("the file has to hold a mapping, not \(raw.description)", at: raw.origin)
            return settings
        }
        settings.isReadable = true
        checkKeys(entries)
        let environments = readEnvironments(raw["environments"])
        chooseEnvironment(environments, raw)
        let chosen = settings.environment.flatMap { name in environments.first { $0.key == name }?.value }
        // Variables may hold references, so the names come first.
        settings.references.backends = backendNames(raw["secrets"], chosen?["secrets"])
        readVariables(raw["vars"], chosen?["vars"], environments)
        readSimple(raw, chosen)
        readPools(raw["pools"])
        readServer(raw["server"])
        readSecrets(raw["secrets"], chosen?["secrets"])
        readConnections(raw["connections"], chosen?["connections"])
        readSources(raw["sources"])
        readHints(raw["hints"])
        readHooks(raw["hooks"])
        readDefaults(raw["defaults"], chosen?["defaults"])
        checkOthers(environments.filter { $0.key != settings.environment })
        return settings
    }

    /// Unknown and missing keys; what stands behind them is read one by one.
    private mutating func checkKeys(_ entries: [RawEntry]) {
        for entry in entries where !ProjectFields.all.contains(where: { $0.name == entry.key }) {
            if entry.key == "assets" {
                diagnostics.error(
                    "assets do not stand in freshet.yaml",
                    at: entry.keyOrigin,
                    hint: "move them to a file in the folder assets, such as assets/main.yaml"
                )
                continue
            }
            unknown(entry, among: ProjectFields.all.map(\.name))
        }
        guard !entries.contains(where: { $0.key == "project" }) else { return }
        diagnostics.error(
            "'project' is required",
            at: Origin(file: ProjectFiles.projectFile),
            hint: "add 'project: <name>' as the first line"
        )
    }

    mutating func unknown(_ entry: RawEntry, among names: [String]) {
        diagnostics.error(
            "the key '\(entry.key)' is unknown here",
            at: entry.keyOrigin,
            hint: .didYouMean(nearest(entry.key, among: names))
                ?? "known keys are \(names.sorted().joined(separator: ", "))"
        )
    }

    private mutating func readSimple(_ raw: RawValue, _ chosen: RawValue?) {
        if let value = raw["project"], let name = text(value, "project", .project) {
            settings.name = name
            if name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.\-]*/) == nil {
                diagnostics.error(
                    "'\(name)' cannot be a project's name",
                    at: value.origin,
                    hint: "use letters, digits, '_', '-' and '.', and begin with a letter or a digit"
                )
            }
        }
        if let value = raw["timezone"], let zone = text(value, "timezone", .project) {
            settings.timeZone = zone
            if !zones.contains(zone) {
                let hint = String.didYouMean(zones.nearest(to: zone)) ?? "write an IANA zone such as Europe/Berlin"
                diagnostics.error("there is no time zone '\(zone)'", at: value.origin, hint: hint)
            }
        }
        settings.store = absoluteStore(".freshet/freshet.db")
        if let value = raw["store"], let store = text(value, "store", .project) {
            settings.store = absoluteStore(replacingEnvironment(in: store, at: value.origin))
        }
        if let value = chosen?["mode"], let mode = text(value, "mode", .project).flatMap(Project.Mode.init(rawValue:)) {
            settings.mode = mode
        }
    }

    private func absoluteStore(_ store: String) -> String {
        store.hasPrefix("/") || store.contains("://") ? store : root + "/" + store
    }

    /// The store is opened before anything else is, so its `${env:…}` are replaced here.
    private mutating func replacingEnvironment(in text: String, at origin: Origin) -> String {
        var parts = ReferenceParts(text)
        var result = ""
        while let part = parts.next() {
            switch part.content {
            case .text(let text): result += text
            case .reference(let reference) where reference.provider == "env":
                if environmentVariables[reference.name] == nil {
                    diagnostics.error("the environment variable \(reference.name) is not set", at: origin)
                }
                result += environmentVariables[reference.name] ?? ""
            case .reference, .unclosed: break
            }
        }
        return result
    }

    private mutating func readServer(_ raw: RawValue?) {
        guard let raw, !raw.isNull else { return }
        let resolved = settings.references.resolve(raw, in: .connection, &diagnostics)
        guard let value = decode(resolved, as: .object(ProjectFields.server), named: "server") else { return }
        settings.server = Settings(value)
        guard case .text(let listen)? = value["listen"]?.content else { return }
        guard listen == "off" || ListenAddress(listen) != nil else {
            return diagnostics.error(
                "'\(listen)' is not an address to listen on",
                at: value["listen"]?.origin ?? raw.origin,
                hint: "write 127.0.0.1:8640, [::1]:8640 or off"
            )
        }
        settings.listen = listen
    }

    private mutating func readPools(_ raw: RawValue?) {
        guard let raw, !raw.isNull else { return }
        let resolved = settings.references.resolve(raw, in: .project, &diagnostics)
        let shape = ProjectFields.all.first { $0.name == "pools" }?.shape ?? .map(.text)
        for entry in resolved.entries ?? [] { settings.names.pools.insert(entry.key) }
        guard let pools = decode(resolved, as: shape, named: "pools") else { return }
        for entry in pools.entries {
            settings.pools[entry.key] = limits(of: entry)
        }
    }

    private mutating func limits(of entry: ConfigValue.Entry) -> Budget.Limits {
        if case .integer(let slots) = entry.value.content { return Budget.Limits(slots: Int(slots)) }
        let fields = Settings(entry.value)
        // Their shapes were checked.
        let slots = (try? fields.integer("slots")) ?? nil
        let rate = (try? fields.integer("starts_per_minute")) ?? nil
        if slots == nil, rate == nil {
            diagnostics.error(
                "the pool '\(entry.key)' limits nothing",
                at: entry.value.origin,
                hint: "state 'slots', 'starts_per_minute' or both"
            )
        }
        return Budget.Limits(slots: slots, perMinute: rate)
    }

    mutating func decode(_ raw: RawValue, as shape: Shape, named name: String) -> ConfigValue? {
        var decoder = ShapeDecoder(names: nil)
        let value = decoder.decode(raw, as: shape, named: name)
        diagnostics.add(decoder.diagnostics)
        return value
    }

    mutating func text(_ raw: RawValue, _ name: String, _ place: References.Place) -> String? {
        let resolved = settings.references.resolve(raw, in: place, &diagnostics)
        guard case .text(let text)? = decode(resolved, as: .text, named: name)?.content else { return nil }
        return text
    }
}
