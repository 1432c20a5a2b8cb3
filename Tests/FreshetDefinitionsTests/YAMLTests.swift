import Foundation
import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

@Suite struct YAMLTests {
    private func settings(_ fields: String, kind: String = "sql.table") throws -> AssetDefinition {
        let base = kind == "sql.table" ? "connection: warehouse" : "connection: powerbi\n    workspace: W\n    model: M"
        let project = try TestProject(assets: "assets:\n  - key: a\n    kind: \(kind)\n    \(base)\n\(fields)\n")
        return try #require(try project.load().project.asset("a"))
    }

    @Test func `on is a key and 07:30 a time without quotation marks`() throws {
        let asset = try settings("    freshness: {by: 07:30, on: [mon, fri]}", kind: "test.model")
        #expect(asset.spec.policy.freshness?.by == .init(minuteOfDay: 450, weekdays: [1, 5], timeZone: "UTC"))
    }

    @Test(arguments: [
        ("2024", "2024"), ("1.10", "1.10"), ("0x1F", "0x1F"), ("yes", "yes"), ("2024-01-01", "2024-01-01"),
    ])
    func `where a text is expected, a value is its text`(written: String, expected: String) throws {
        #expect(try settings("    table: \(written)").settings.text("table") == expected)
    }

    @Test func `a number is a number, whole or not`() throws {
        let asset = try settings("    table: t\n    sample: 0.25")
        #expect(try asset.settings.number("sample") == 0.25)
        #expect(try settings("    table: t\n    sample: 1").settings.number("sample") == 1)
    }

    @Test func `anchors, aliases and merge keys stand for what they name`() throws {
        let project = try TestProject(
            assets: """
                assets:
                  - &base {key: a, kind: sql.table, connection: warehouse, table: &t public.a, owners: [x]}
                  - {<<: *base, key: b, group: *t}
                """
        )
        let spec = try #require(try project.load().project.asset("b")?.spec)
        #expect(spec.labels.kind == "sql.table")
        #expect(spec.labels.owners == ["x"])
        #expect(spec.labels.group == "public.a")
    }

    @Test func `every duplicate key of a file is told, quoted and in braces too`() throws {
        let project = try TestProject(
            assets: """
                assets:
                  - key: a
                    kind: fixed
                    group: x
                    "group": y
                  - {key: b, kind: fixed, key: c}
                  - {key: d, kind: fixd}
                """
        )
        let mistakes = try project.mistakes()
        #expect(
            mistakes == [
                "5:5 'group' stands twice in one mapping; first in line 4 (keep one of the two)",
                "6:27 'key' stands twice in one mapping; first in line 6 (keep one of the two)",
                "7:20 there is no kind of asset 'fixd' (did you mean 'fixed'?)",
            ]
        )
    }

    @Test func `a file that begins with a byte order mark is read`() throws {
        let project = try TestProject([:])
        try project.write("assets/x.yaml", Data([0xEF, 0xBB, 0xBF]) + Data("assets: [{key: a, kind: fixed}]".utf8))
        #expect(try project.load().project.assets.count == 1)
    }

    @Test(arguments: ["", "# nothing\n", "assets:\n", "assets: []\n", "---\n"])
    func `a file without assets is no mistake`(text: String) throws {
        #expect(try TestProject(assets: text).load().project.assets.isEmpty)
    }

    @Test func `files lie in folders of any depth, and hidden ones are left out`() throws {
        let project = try TestProject([
            "assets/a.yaml": "assets: [{key: a, kind: fixed}]",
            "assets/b/c/d.yml": "assets: [{key: d, kind: fixed}]",
            "assets/.hidden/e.yaml": "assets: [{key: a, kind: fixed}]",
            "assets/notes.txt": "not YAML: [",
        ])
        #expect(try project.load().project.assets.map(\.spec.key) == ["a", "d"])
    }

    @Test func `a link that leads nowhere is a file that cannot be read`() throws {
        let project = try TestProject([:])
        try project.write("assets/a.yaml", "assets: []")
        try FileManager.default.createSymbolicLink(
            atPath: project.folder + "/assets/x.yaml",
            withDestinationPath: "/nowhere"
        )
        #expect(try project.mistakes() == ["1:1 the file cannot be read (check that it exists and its permissions)"])
    }

    @Test func `keys keep letters of any script`() throws {
        let project = try TestProject(assets: "assets: [{key: 売上/Umsatz 2024/café.v1, kind: fixed}]")
        #expect(try project.load().project.assets.map(\.spec.key.path) == ["売上/Umsatz 2024/café.v1"])
    }

    @Test(arguments: ["a//b", "a/", "' a'", "a!b", "a /b", "\"a\\tb\""])
    func `what is no key is refused`(key: String) throws {
        let mistakes = try TestProject(assets: "assets: [{key: \(key), kind: fixed}]").mistakes()
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.contains("cannot be the key of an asset") == true)
    }

    @Test func `nesting without end does not exhaust the stack`() throws {
        let deep = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
        let mistakes = try TestProject(assets: "assets: \(deep)").mistakes()
        #expect(mistakes == ["1:108 lists and mappings are nested more than 100 deep"])
        let deeper = String(repeating: "[", count: 100_000)
        #expect(try TestProject(assets: "assets: \(deeper)").mistakes().count == 1)
    }

    @Test func `a tag means nothing, unless it says text`() throws {
        #expect(try settings("    table: !!str 2024").settings.text("table") == "2024")
        let mistakes = try TestProject(assets: "assets: [{key: !vault a, kind: fixed}]").mistakes()
        #expect(mistakes == ["1:16 the YAML tag '!vault' has no meaning here (remove it)"])
    }

    @Test func `mistakes of several files come in their order`() throws {
        let project = try TestProject([
            "assets/b.yaml": "assets: [{key: b, kind: x1}, {key: c, kind: x2}]",
            "assets/a.yaml": "assets: [{key: a, kind: x3}, 7]",
        ])
        let places = try project.mistakes().map { $0.prefix(4) }
        #expect(places == ["1:25", "1:30", "1:25", "1:45"])
    }

    @Test func `whatever bytes a file holds, the answer is a project or mistakes`() throws {
        var generator = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
        let pieces = [
            "assets:", "- ", "key: ", "a", "\n", "  ", "{", "}", "[", "]", ":", "&x ", "*x", "'", "\"", "|", ">", "#",
            "<<: ", "${var:", "\t", "kind: fixed", "deps", "?", "!", "%", "@", "\u{0}", "é", "---", ",", "choose: ",
        ]
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 1...25, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            let project = try TestProject(assets: text)
            #expect(throws: Never.self, "seed \(generator.seed): \(text)") { _ = try project.mistakes() }
        }
    }

    @Test func `whatever happens to a right project, the answer is a project or mistakes`() throws {
        var generator = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
        let rounds = Int(ProcessInfo.processInfo.environment["FRESHET_FUZZ"] ?? "") ?? 200
        let names = ["freshet.yaml", "assets/sales.yaml", "assets/customer.yml"]
        var files: [String: String] = [:]
        for name in names { files[name] = try String(contentsOfFile: Retail.folder + "/" + name, encoding: .utf8) }
        let project = try TestProject(files)
        for _ in 0..<rounds {
            for name in names {
                var lines = (files[name] ?? "").split(separator: "\n", omittingEmptySubsequences: false)[...]
                for _ in 0..<Int.random(in: 0...3, using: &generator) {
                    let index = Int.random(in: lines.indices, using: &generator)
                    switch Int.random(in: 0..<5, using: &generator) {
                    case 0: lines.remove(at: index)
                    case 1: lines.insert(lines[index], at: index)
                    case 2: lines.swapAt(index, lines.startIndex)
                    case 3: lines[index] = lines[index].dropLast(Int.random(in: 1...9, using: &generator))
                    default: lines[index] = lines[index].dropFirst(Int.random(in: 1...9, using: &generator))
                    }
                    if lines.isEmpty { lines = [""] }
                }
                try project.write(name, lines.joined(separator: "\n"))
            }
            #expect(throws: Never.self, "seed \(generator.seed)") {
                do throws(LoadError) {
                    let loader = ProjectLoader(catalog: StandIns.catalog, environmentVariables: [:])
                    _ = try loader.load(folder: project.folder, environment: "dev")
                } catch {
                    #expect(error.diagnostics.contains { $0.severity == .error })
                    var renderer = DiagnosticText(folder: project.folder, catalog: StandIns.catalog)
                    #expect(!renderer.render(error.diagnostics).isEmpty)
                }
            }
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
