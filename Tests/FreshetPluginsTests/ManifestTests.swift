import Foundation
import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

@testable import FreshetPlugins

@Suite struct `A plugin's file` {
    private func mistake(_ more: String = "", entries: String) -> String {
        do {
            _ = try TestPlugin(program: "pass", more: more, entries: entries)
            return ""
        } catch let error as Diagnostic {
            return error.message
        } catch {
            return "\(error)"
        }
    }

    @Test func `declares kinds, probes, checks and sensors that definitions then know`() throws {
        let catalog = Plugins.catalog([try TestPlugin(program: "pass").manifest])
        #expect(catalog.kinds.map(\.name) == ["tried.make", "tried.check"])
        #expect(catalog.probes.map(\.name) == ["tried.look"])
        #expect(catalog.sources.map(\.name) == ["tried.all"])
        #expect(catalog.mistakes == [])
        let schema = JSONSchema.document(catalog: catalog)
        #expect(schema["$defs"]?["asset.tried.make"]?["properties"]?["count"] != nil)
        #expect(schema["$defs"]?["source.tried.all"]?["properties"]?["prefix"] != nil)
    }

    @Test func `gives its kinds to a project, whose assets are checked against their fields`() throws {
        let plugin = try TestPlugin(program: "pass")
        try FileManager.default.createDirectory(atPath: plugin.root + "/assets", withIntermediateDirectories: true)
        let assets =
            "assets:\n  - {key: made/one, kind: tried.make, word: hi, deps: [seen]}\n  - {key: seen, kind: tried.look}\n"
        try Data(assets.utf8).write(to: URL(filePath: plugin.root + "/assets/main.yaml"))
        let loader = ProjectLoader(catalog: Plugins.catalog([plugin.manifest]), environmentVariables: [:])
        let project = try loader.load(folder: plugin.root).project
        #expect(project.graph["made/one"]?.isMaterialized == true)
        #expect(project.graph["seen"]?.isObserved == true)
        let wrong = assets.replacing("word: hi", with: "count: many, wrod: hi")
        try Data(wrong.utf8).write(to: URL(filePath: plugin.root + "/assets/main.yaml"))
        let error = #expect(throws: LoadError.self) { try loader.load(folder: plugin.root) }
        #expect(error?.diagnostics.map(\.hint).contains("did you mean 'word'?") == true)
        #expect(error?.diagnostics.contains { $0.message.contains("'count'") } == true)
    }

    @Test func `alters the code version of its assets with every change of its program`() throws {
        let plugin = try TestPlugin(program: "pass")
        let before = PluginFolder.codeVersion(of: plugin.manifest.folder)
        #expect(before == plugin.manifest.codeVersion)
        try Data("print()".utf8).write(to: URL(filePath: plugin.manifest.folder + "/main.py"))
        #expect(PluginFolder.codeVersion(of: plugin.manifest.folder) != before)
    }

    @Test func `alters the code version of an asset with every change of the code that the asset names`() throws {
        let plugin = try TestPlugin(
            program: "pass",
            entries: """
                kinds:
                  - kind: tried.run
                    summary: Runs a file.
                    fields: {script: {type: path, code: true, required: true}, data: {type: path}}
                """
        )
        func write(_ text: String, _ file: String) throws {
            try Data(text.utf8).write(to: URL(filePath: plugin.root + "/" + file))
        }
        try FileManager.default.createDirectory(atPath: plugin.root + "/assets", withIntermediateDirectories: true)
        try write("assets: [{key: made/one, kind: tried.run, script: x.py, data: d.csv}]\n", "assets/main.yaml")
        let catalog = Plugins.catalog([plugin.manifest])
        func version() throws -> String? {
            let code = Plugins.code([plugin.manifest])
            let loader = ProjectLoader(catalog: catalog, environmentVariables: [:], code: code)
            return try loader.load(folder: plugin.root).project.graph["made/one"]?.codeVersion
        }
        let missing = try version()
        try write("print(1)", "x.py")
        let first = try version()
        #expect(first != missing)
        try write("1,2", "d.csv")
        #expect(try version() == first)
        try write("print(2)", "x.py")
        let second = try version()
        #expect(second != first)
        try write("print(1)", "x.py")
        #expect(try version() == first)
    }

    @Test func `has its wrong examples told at their places`() throws {
        let plugin = try TestPlugin(
            program: "pass",
            entries: """
                probes:
                  - kind: tried.look
                    summary: Looked at for tests.
                    fields: {word: {type: text, required: true}, count: {type: integer}}
                    examples:
                      - {word: right}
                      - word: wrong
                        count: many
                """
        )
        let file = try String(contentsOfFile: plugin.manifest.folder + "/plugin.yaml", encoding: .utf8)
        let line = try #require(file.components(separatedBy: "\n").firstIndex { $0.contains("count: many") }) + 1
        let mistakes = ExampleCheck.mistakes(
            in: try #require(plugin.manifest[kind: "tried.look"]).exampleValues,
            of: "tried.look",
            Plugins.catalog([plugin.manifest])
        )
        #expect(mistakes.map(\.origin.description) == ["plugins/tried/plugin.yaml:\(line):16"])
    }

    @Test func `cannot declare a kind that there is already`() throws {
        let plugin = try TestPlugin(program: "pass")
        #expect(plugin.manifest.clashes(with: ["other.make": "the plugin 'other' has it"]) == [])
        let clashes = plugin.manifest.clashes(with: ["tried.check": "Freshet has it built in"])
        #expect(clashes.map(\.message) == ["the kind 'tried.check' exists already: Freshet has it built in"])
        let file = try String(contentsOfFile: plugin.manifest.folder + "/plugin.yaml", encoding: .utf8)
        let line = try #require(file.components(separatedBy: "\n").firstIndex { $0.contains("kind: tried.check") }) + 1
        #expect(clashes.first?.origin.line == line)
    }

    @Test func `says as code only what is a path`() {
        #expect(
            mistake(entries: "kinds: [{kind: tried.x, summary: x, fields: {a: {type: text, code: true}}}]")
                == "'a' is no path, and so cannot be code"
        )
    }

    @Test func `is told what is wrong with it`() {
        #expect(mistake(entries: "kinds: []") == "the plugin declares nothing")
        #expect(mistake(entries: "kinds: [{kind: other.x, summary: x}]").contains("cannot be called 'other.x'"))
        #expect(
            mistake(entries: "kinds: [{kind: tried.x, summary: x}, {kind: tried.x, summary: y}]").contains(
                "two of its kinds"
            )
        )
        #expect(
            mistake(entries: "kinds: [{kind: tried.x, summary: x, fields: {a: {type: choice}}}]").contains("'values'")
        )
        #expect(
            mistake(entries: "kinds: [{kind: tried.x, summary: x, command: [a, \"{nothing}\"]}]").contains(
                "'{nothing}'"
            )
        )
        #expect(mistake(entries: "kinds: [{kind: tried.x, sumary: x}]").contains("'sumary' is unknown"))
        #expect(mistake("secrets: {K: plaintext}", entries: "kinds: [{kind: tried, summary: x}]") != "")
        #expect(
            mistake(
                "tests: [{name: n, kind: tried.y, expect: observed}]",
                entries: "kinds: [{kind: tried, summary: x}]"
            ).contains("'tried.y'")
        )
    }

    @Test func `fills its command with the values of fields`() {
        let values: [String: JSONValue] = ["a": "x y", "list": ["1", "2"], "n": 5]
        func words(_ word: String, isProgram: Bool = false) -> [String] {
            CommandWord(word).arguments(values, folder: "/p", isProgram: isProgram)
        }
        #expect(words("{a}") == ["x y"])
        #expect(words("{list}") == ["1", "2"])
        #expect(words("{nothing}") == [])
        #expect(words("--n={n}") == ["--n=5"])
        #expect(words("./main.py") == ["/p/main.py"])
        #expect(words("bin/run", isProgram: true) == ["/p/bin/run"])
        #expect(words("bin/run") == ["bin/run"])
    }

    @Test func `states sizes as people do`() {
        #expect(ByteCount.parse("512MB") == 512_000_000)
        #expect(ByteCount.parse("2GiB") == 2 << 30)
        #expect(ByteCount.parse("100") == 100)
        #expect(ByteCount.parse("2 GB") == 2_000_000_000)
        #expect(ByteCount.parse("many") == nil && ByteCount.parse("99999999999GB") == nil)
    }
}
