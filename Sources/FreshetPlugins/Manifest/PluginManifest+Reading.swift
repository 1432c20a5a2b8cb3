internal import FreshetCore
package import FreshetKit

extension PluginManifest {
    /// Reads what the shapes of ``ManifestFields`` cannot say.
    ///
    /// - Parameters:
    ///   - settings: of `plugin.yaml`, checked against ``ManifestFields/all``.
    ///   - folder: the plugin's, absolute.
    ///   - codeVersion: a hash of what lies in it.
    /// - Throws: the first mistake.
    package init(_ settings: Settings, folder: String, codeVersion: String) throws(Diagnostic) {
        name = try settings.requiredText("plugin")
        self.folder = folder
        self.codeVersion = codeVersion
        origin = settings.origin
        let folderName = folder.split(separator: "/").last.map(String.init) ?? ""
        guard name == folderName else {
            throw Diagnostic(
                "the plugin is called '\(name)', and its folder '\(folderName)'",
                at: settings.origin(of: "plugin"),
                hint: "give both the same name"
            )
        }
        guard name.wholeMatch(of: /[a-z][a-z0-9_]{0,63}/) != nil else {
            throw Diagnostic(
                "'\(name)' cannot be the name of a plugin",
                at: settings.origin(of: "plugin"),
                hint: "a letter, then letters, digits and '_', all small"
            )
        }
        summary = try settings.requiredText("summary")
        command = try Self.command(settings) ?? []
        environment = try Self.texts(settings.object("environment"))
        secrets = try Self.texts(settings.object("secrets"))
        for (name, text) in secrets where !text.contains("${") {
            // Not at its line: what stands there would be shown.
            throw Diagnostic(
                "the secret '\(name)' is no reference",
                at: settings.origin,
                hint: "write ${secret:env/NAME}"
            )
        }
        for text in environment.values where text.contains("${secret:") {
            throw Diagnostic(
                "a secret in 'environment' could be read by others",
                at: settings.origin(of: "environment"),
                hint:
                    "state it under 'secrets': it is handed over as a file that only the program sees (\(text.prefix(9))…)"
            )
        }
        limits = try PluginLimits(settings.object("limits"))
        transport = PipesTransport(rawValue: try settings.text("transport") ?? "") ?? .file
        requires = Self.lists(settings, "requires")
        var entries: [PluginEntry] = []
        for (section, role) in Self.sections {
            for each in settings.objects(section) { entries.append(try PluginEntry(each, role, of: name)) }
        }
        self.entries = entries
        tests = []
        for each in settings.objects("tests") { tests.append(try PluginTest(each, entries)) }
        try checkKinds(settings)
    }

    private static let sections: [(String, PluginEntry.Role)] = [
        ("kinds", .materialize), ("probes", .observe), ("checks", .check), ("sensors", .sensor),
    ]

    private func checkKinds(_ settings: Settings) throws(Diagnostic) {
        guard !entries.isEmpty else {
            throw Diagnostic(
                "the plugin declares nothing",
                at: settings.origin,
                hint: "add 'kinds:', 'probes:', 'checks:' or 'sensors:'"
            )
        }
        var seen: Set<String> = []
        for entry in entries where !seen.insert(entry.kind).inserted {
            throw Diagnostic("two of its kinds are called '\(entry.kind)'", at: entry.origin)
        }
        for name in secrets.keys.sorted() where environment[name] != nil {
            throw Diagnostic("'\(name)' is a secret and a variable", at: settings.origin(of: "secrets"))
        }
        for entry in entries {
            let known = Set(entry.fields.map(\.field.name))
            for word in entry.command ?? command {
                for name in CommandWord(word).fields where !known.contains(name) {
                    throw Diagnostic(
                        "the command names '{\(name)}', and \(entry.kind) has no such field",
                        at: settings.origin(of: "command"),
                        hint: known.isEmpty ? nil : "its fields are \(known.sorted().joined(separator: ", "))"
                    )
                }
            }
        }
    }

    static func command(_ settings: Settings) throws(Diagnostic) -> [String]? {
        guard settings.has("command") else { return nil }
        let words = try settings.texts("command")
        guard let program = words.first, !program.isEmpty else {
            throw Diagnostic("'command' has to name a program", at: settings.origin(of: "command"))
        }
        return words
    }

    private static func texts(_ settings: Settings) throws(Diagnostic) -> [String: String] {
        var texts: [String: String] = [:]
        for entry in settings.value.entries {
            guard entry.key.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else {
                throw Diagnostic("'\(entry.key)' cannot be the name of a variable", at: entry.keyOrigin)
            }
            guard !entry.key.hasPrefix("DAGSTER_PIPES_"), !entry.key.hasPrefix("FRESHET_") else {
                throw Diagnostic("'\(entry.key)' is set by Freshet itself", at: entry.keyOrigin)
            }
            texts[entry.key] = try settings.text(entry.key) ?? ""
        }
        return texts
    }

    private static func lists(_ settings: Settings, _ name: String) -> [[String]] {
        guard case .list(let items)? = settings.value[name]?.content else { return [] }
        return items.map { item in
            guard case .list(let words) = item.content else { return [] }
            return words.compactMap { if case .text(let text) = $0.content { text } else { nil } }
        }
    }
}

extension PluginEntry {
    init(_ settings: Settings, _ role: Role, of plugin: String) throws(Diagnostic) {
        self.role = role
        origin = settings.origin(of: "kind")
        kind = try settings.requiredText("kind")
        guard kind == plugin || kind.hasPrefix(plugin + "."), kind.wholeMatch(of: /[a-z0-9_.]+/) != nil else {
            throw Diagnostic(
                "a kind of this plugin cannot be called '\(kind)'",
                at: settings.origin(of: "kind"),
                hint: "begin it with '\(plugin).', so that no other plugin has the same"
            )
        }
        summary = try settings.requiredText("summary")
        fields = []
        for entry in settings.object("fields").value.entries { fields.append(try PluginField(entry)) }
        exampleValues = []
        if case .list(let items)? = settings.value["examples"]?.content { exampleValues = items }
        examples = exampleValues.map(\.yaml)
        command = try PluginManifest.command(settings)
        silentSuccess = SilentSuccess(rawValue: try settings.text("on_silent_success") ?? "") ?? .error
        checks = try settings.texts("checks")
        signal = try settings.text("signal") ?? "data_version"
        caveats = Caveats(
            Strength(rawValue: try settings.text("strength") ?? "") ?? .heuristic,
            misses: try settings.texts("misses"),
            criesWolf: try settings.texts("cries_wolf")
        )
        every = try settings.duration("every")
    }
}

extension PluginField {
    init(_ entry: ConfigValue.Entry) throws(Diagnostic) {
        let settings = Settings(entry.value)
        let name = entry.key
        guard name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil, !name.hasPrefix("freshet_") else {
            throw Diagnostic(
                "'\(name)' cannot be the name of a field",
                at: entry.keyOrigin,
                hint: "a letter, then letters, digits and '_', all small; not beginning with 'freshet_'"
            )
        }
        type = FieldType(rawValue: try settings.text("type") ?? "text") ?? .text
        inner = FieldType(rawValue: try settings.text("of") ?? "")
        let values = try settings.texts("values")
        guard (type == .choice) == !values.isEmpty else {
            throw Diagnostic(
                type == .choice ? "a choice needs 'values'" : "only a choice has 'values'",
                at: entry.keyOrigin,
                hint: "write {type: choice, values: [a, b]}"
            )
        }
        defaultValue = settings.value["default"]
        isCode = try settings.boolean("code") ?? false
        guard !isCode || type == .path || inner == .path else {
            throw Diagnostic(
                "'\(name)' is no path, and so cannot be code",
                at: settings.origin(of: "code"),
                hint: "write {type: path, code: true}"
            )
        }
        field = Field(
            name,
            type.shape(of: inner, values: values),
            required: try settings.boolean("required") ?? false,
            default: defaultValue?.yaml,
            altersWork: try settings.boolean("alters_work") ?? true,
            try settings.text("summary") ?? ""
        )
    }
}

extension PluginTest {
    init(_ settings: Settings, _ entries: [PluginEntry]) throws(Diagnostic) {
        name = try settings.requiredText("name")
        kind = try settings.requiredText("kind")
        self.settings = settings.object("with")
        secrets = [:]
        for entry in settings.object("secrets").value.entries {
            secrets[entry.key] = try settings.object("secrets").text(entry.key) ?? ""
        }
        cursor = try settings.text("cursor")
        expect = TestExpectation(rawValue: try settings.requiredText("expect")) ?? .materialized
        message = try settings.text("message")
        let kinds = entries.map(\.kind)
        guard kinds.contains(kind) else {
            throw Diagnostic(
                "the plugin has no kind '\(kind)'",
                at: settings.origin(of: "kind"),
                hint: "its kinds are \(kinds.sorted().joined(separator: ", "))"
            )
        }
    }
}

extension PluginLimits {
    init(_ settings: Settings) throws(Diagnostic) {
        func bytes(_ name: String, _ standard: Int64) throws(Diagnostic) -> Int64 {
            guard let text = try settings.text(name) else { return standard }
            guard let count = ByteCount.parse(text), count > 0 else {
                throw Diagnostic(
                    "'\(name)' has to be a size such as 512MB or 2GiB, not '\(text)'",
                    at: settings.origin(of: name)
                )
            }
            return count
        }
        process = ProcessLimits(
            time: try settings.duration("time") ?? .seconds(300),
            grace: try settings.duration("grace") ?? .seconds(10),
            memory: try bytes("memory", 2_000_000_000),
            processes: try settings.integer("processes") ?? 64,
            output: try bytes("output", 10_000_000),
            openFiles: try settings.integer("open_files") ?? 1024,
            fileSize: try bytes("file_size", 1_000_000_000)
        )
        messages = try bytes("messages", 64_000_000)
    }
}

/// Sizes as people write them: `512MB` (millions of bytes), `2GiB` (1,024 cubed), `1000`.
enum ByteCount {
    private static let units: [(String, Int64)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1000), ("MB", 1_000_000),
        ("GB", 1_000_000_000), ("B", 1),
    ]

    static func parse(_ text: String) -> Int64? {
        for (unit, factor) in units where text.hasSuffix(unit) {
            let number = text.dropLast(unit.count).filter { $0 != " " }
            return Int64(number).flatMap { $0 < Int64.max / factor ? $0 * factor : nil }
        }
        return Int64(text)
    }
}

extension ConfigValue {
    /// The value in one line of YAML; a text in quotation marks.
    package var yaml: String {
        switch content {
        case .null: "null"
        case .boolean(let value): String(value)
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .text(let text): JSONValue.text(text).serialized()
        case .list(let items): "[" + items.map(\.yaml).joined(separator: ", ") + "]"
        case .object(let entries):
            "{" + entries.map { "\(JSONValue.text($0.key).serialized()): \($0.value.yaml)" }.joined(separator: ", ")
                + "}"
        }
    }
}
