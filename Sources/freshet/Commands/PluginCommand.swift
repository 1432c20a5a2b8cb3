import ArgumentParser
import FoundationEssentials
import FreshetCore
import FreshetDefinitions
import FreshetKit
import FreshetPlugins
import FreshetView

struct PluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin",
        abstract: "List, check and make plugins: kinds of assets in any language.",
        subcommands: [PluginCheckCommand.self, PluginList.self, PluginNew.self]
    )
}

struct PluginList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the project's plugins and what each adds.",
        usage: "freshet plugin list [options]"
    )

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        let root = options.absolute(try options.folder())
        let found = Wiring.plugins(of: root)
        if options.json {
            return output.document("freshet.plugins/1", ["plugins": .list(found.map(Self.document))])
        }
        guard !found.isEmpty else {
            return output.note("the project has no plugins; 'freshet plugin new <name>' makes one")
        }
        var table = Table(["KIND", "ROLE", "WHAT IT IS"])
        for plugin in found {
            for entry in plugin.manifest?.entries ?? [] {
                table.add([Table.Cell(entry.kind), Table.Cell(entry.role.word), Table.Cell(entry.summary)])
            }
            if plugin.manifest == nil {
                table.add([
                    Table.Cell(plugin.name), Table.Cell("–"),
                    Table.Cell("not usable: freshet plugin check \(plugin.name)", output.style.red),
                ])
            }
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }

    private static func document(_ plugin: Wiring.FoundPlugin) -> JSONValue {
        let entries: [JSONValue] = (plugin.manifest?.entries ?? []).map { entry in
            [
                "kind": .text(entry.kind), "role": .text(entry.role.word), "summary": .text(entry.summary),
                "fields": .list(entry.fields.map { .text($0.field.name) }),
            ]
        }
        return [
            "name": .text(plugin.name), "ok": .boolean(plugin.manifest != nil),
            "summary": Documents.text(plugin.manifest?.summary), "entries": .list(entries),
            "code_version": Documents.text(plugin.manifest?.codeVersion),
        ]
    }
}

struct PluginCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Find what is wrong with plugins, and run their tests.",
        usage: "freshet plugin check [<name> ...] [options]",
        discussion:
            "Ends with status 4 when something is wrong. What a plugin requires and is not here is said, and its tests are left out."
    )

    @Argument(help: "Plugins; all without.")
    var names: [String] = []

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        let root = options.absolute(try options.folder())
        let found = Wiring.plugins(of: root)
        for name in names where !found.contains(where: { $0.name == name }) {
            let known = found.map(\.name).joined(separator: ", ")
            throw Failure.usage(
                "there is no plugin '\(name)'",
                mend: known.isEmpty ? "'freshet plugin new \(name)' makes it" : "there is \(known)"
            )
        }
        let surroundings = try await Self.surroundings(root, options)
        var reports: [(name: String, findings: [Finding])] = []
        for plugin in found where names.isEmpty || names.contains(plugin.name) {
            reports.append((plugin.name, await Self.findings(plugin, surroundings)))
            if !options.json {
                Self.tell(reports[reports.count - 1], output)
            }
        }
        let isRight = !reports.contains { $0.findings.contains { $0.verdict == .fail } }
        if options.json {
            let plugins: [JSONValue] = reports.map { report in
                ["name": .text(report.name), "findings": .list(report.findings.map(Self.document))]
            }
            output.document("freshet.plugin_check/1", ["ok": .boolean(isRight), "plugins": .list(plugins)])
        } else if reports.isEmpty {
            output.note("the project has no plugins; 'freshet plugin new <name>' makes one")
        }
        if !isRight { throw ExitStatus.checkFailed }
    }

    /// With the project's secrets where the project itself is right; plugins can be checked before it is.
    private static func surroundings(_ root: String, _ options: ProjectOptions) async throws -> Surroundings {
        if let project = try? options.loadProject() {  // `freshet check` tells what is wrong with it.
            return try Wiring.surroundings(root: root, secrets: project.secretBackends)
        }
        return try Wiring.surroundings(root: root)
    }

    private static func findings(_ plugin: Wiring.FoundPlugin, _ surroundings: Surroundings) async -> [Finding] {
        guard let manifest = plugin.manifest else {
            return plugin.diagnostics.map {
                Finding("plugin.yaml", .fail, "\($0.origin): \($0.message)", mend: $0.hint)
            }
        }
        var findings = [Finding("plugin.yaml", .ok, "\(manifest.entries.count) kinds")]
        let catalog = Plugins.catalog([manifest])
        findings += (catalog.mistakes + ExampleCheck.mistakes(in: catalog)).map { Finding("example", .fail, $0) }
        return findings + (await PluginCheck(manifest, surroundings) { Self.decode($0, $1) }.findings())
    }

    private static func decode(_ settings: Settings, _ fields: [Field]) -> Result<Settings, Diagnostic> {
        let (decoded, diagnostics) = DeclarationFile.read(
            text: settings.value.yaml,
            file: settings.origin.file,
            as: fields
        )
        if let decoded { return .success(decoded) }
        return .failure(diagnostics.first ?? Diagnostic("its fields cannot be read", at: settings.origin))
    }

    private static func tell(_ report: (name: String, findings: [Finding]), _ output: Output) {
        output.line(report.name)
        var table = Table(indent: 2)
        for finding in report.findings {
            let style = output.style
            let (word, paint): (String, @Sendable (String) -> String) =
                switch finding.verdict {
                case .ok: ("ok", style.green)
                case .warn: ("warn", style.yellow)
                case .fail: ("FAIL", style.red)
                case .skipped: ("–", style.dim)
                }
            table.add([Table.Cell(word, paint), Table.Cell(finding.check), Table.Cell(finding.message)])
            guard let mend = finding.mend, finding.verdict != .ok else { continue }
            table.add([Table.Cell(""), Table.Cell(""), Table.Cell("→ " + mend)])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }

    private static func document(_ finding: Finding) -> JSONValue {
        [
            "check": .text(finding.check), "verdict": .text(finding.verdict.rawValue),
            "message": .text(finding.message), "mend": Documents.text(finding.mend),
        ]
    }
}

struct PluginNew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a plugin that works, to be changed.",
        usage: "freshet plugin new <name> [options]",
        discussion: "Writes plugins/<name>/plugin.yaml and a program in Python that needs no packages."
    )

    @Argument(help: "The plugin's name: small letters, digits and '_'.")
    var name: String

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        let root = options.absolute(try options.folder())
        guard name.wholeMatch(of: /[a-z][a-z0-9_]{0,63}/) != nil else {
            throw Failure.usage("'\(name)' cannot be the name of a plugin", mend: "small letters, digits and '_'")
        }
        let folder = "\(PluginFolder.name)/\(name)"
        guard !FileManager.default.fileExists(atPath: "\(root)/\(folder)") else {
            throw Failure.usage("there is a plugin '\(name)' already", mend: "choose another name")
        }
        do {
            try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
            for (file, text) in PluginTemplate.files(name) {
                try Data(text.utf8).write(to: URL(filePath: "\(root)/\(folder)/\(file)"))
            }
        } catch {
            throw Failure.file(path: "\(root)/\(folder)", reason: "the files cannot be written")
        }
        let files = PluginTemplate.files(name).map { "\(folder)/\($0.file)" }
        if options.json {
            return output.document("freshet.plugin_new/1", ["written": .list(files.map { .text($0) })])
        }
        for file in files { output.line("wrote   \(file)") }
        output.line()
        output.line("Next: freshet plugin check \(name), then change both files.")
    }
}

extension PluginEntry.Role {
    fileprivate var word: String {
        switch self {
        case .materialize: "kind"
        case .observe: "probe"
        case .check: "check"
        case .sensor: "sensor"
        }
    }
}
