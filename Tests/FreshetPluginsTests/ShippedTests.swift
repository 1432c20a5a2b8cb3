import Foundation
import FreshetCore
import FreshetDefinitions
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetPlugins

/// The plugins of this repository, each tried as 'freshet plugin check' tries it, and with real data.
@Suite(.enabled(if: Place.pipes != nil, "scripts/setup tests has not installed dagster-pipes and duckdb"))
struct `The plugins that ship` {
    private static func manifest(_ name: String) throws -> PluginManifest {
        var manifest = try TestPlugin.read("plugins/\(name)/plugin.yaml", root: Place.root)
        manifest.environment["PATH"] = Place.pipes! + ":/usr/bin:/bin"
        return manifest
    }

    private static func surroundings() -> Surroundings {
        let redactor = Redactor()
        return Surroundings(
            transport: ScriptedTransport([]),
            secrets: GivenSecrets(redactor: redactor),
            redactor: redactor,
            clock: SystemClock(),
            chance: { 0.5 },
            root: Place.root,
            processes: Place.processes
        )
    }

    @Test(arguments: ["bigquery", "duckdb", "script"]) func `pass their own tests`(name: String) async throws {
        let manifest = try Self.manifest(name)
        #expect(ExampleCheck.mistakes(in: Plugins.catalog([manifest])) == [])
        let check = PluginCheck(manifest, Self.surroundings()) { settings, fields in
            let read = DeclarationFile.read(text: settings.value.yaml, file: "plugin.yaml", as: fields)
            return read.settings.map { .success($0) } ?? .failure(read.diagnostics[0])
        }
        let findings = await check.findings()
        #expect(findings.filter { $0.verdict != .ok } == [])
        #expect(findings.count { $0.check == "test" } == manifest.tests.count)
    }

    @Test func `duckdb sees every change of a table, and nothing else`() async throws {
        let database = NSTemporaryDirectory() + "freshet-\(UUID().uuidString).duckdb"
        defer { try? FileManager.default.removeItem(atPath: database) }
        let manifest = try Self.manifest("duckdb")
        let python = Place.pipes! + "/python3"
        func write(_ statements: String) throws {
            let script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute(sys.stdin.read()); c.close()"
            _ = try Place.run([python, "-c", script, database], input: statements)
        }
        let fields = ["database": ConfigValue.Content.text(database), "table": .text("orders")]
        let probe = PluginProbe(manifest, manifest[kind: "duckdb.table"]!, TestPlugin.settings(fields))
        let surroundings = Self.surroundings()
        func look() async throws -> Observation {
            let context = ProbeContext(
                connections: Connections(),
                surroundings: surroundings,
                deadline: surroundings.clock.now + .seconds(60)
            )
            return try await probe.observe("raw/orders", from: nil, in: context).observation
        }
        try write("create table other (x int)")
        #expect(try await look().version == .missing)
        try write("create table orders (id int, price double); insert into orders values (1, 2.5), (2, 3.5)")
        let first = try await look()
        try write("insert into other values (1)")
        #expect(try await look().version == first.version)
        try write("update orders set price = 9 where id = 1")
        let second = try await look()
        #expect(second.version != first.version)
        try write("delete from orders where id = 1; insert into orders values (1, 9)")
        #expect(try await look().version == second.version)
        try write("delete from orders")
        #expect(try await look().version != second.version)
        #expect(first.strength == .exact && first.query?.hasPrefix("SELECT") == true)
    }

    @Test func `duckdb declares what it can miss, and script what is code`() throws {
        let table = try #require(try Self.manifest("duckdb")[kind: "duckdb.table"])
        #expect(table.caveats.strength == .heuristic && !table.caveats.misses.isEmpty)
        for kind in ["script.run", "script.check"] {
            let entry = try #require(try Self.manifest("script")[kind: kind])
            #expect(entry.fields.filter(\.isCode).map(\.field.name) == ["script"])
        }
    }

    @Test func `duckdb looks at a whole file only when it was written`() async throws {
        let database = NSTemporaryDirectory() + "freshet-\(UUID().uuidString).duckdb"
        defer { try? FileManager.default.removeItem(atPath: database) }
        let script =
            "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('create table a as select 1; create table b as select 2')"
        _ = try Place.run([Place.pipes! + "/python3", "-c", script, database], input: "")
        let manifest = try Self.manifest("duckdb")
        let fields = ["database": ConfigValue.Content.text(database), "prefix": .text("duck")]
        let source = try PluginSource(manifest, manifest[kind: "duckdb.tables"]!, TestPlugin.settings(fields))
        let surroundings = Self.surroundings()
        let context = ProbeContext(
            connections: Connections(),
            surroundings: surroundings,
            deadline: surroundings.clock.now + .seconds(60)
        )
        #expect(try await source.discover(context).map(\.key) == ["duck/a", "duck/b"])
        let first = try await source.tick(SensorContext(cursor: nil, probe: context))
        #expect(first.observations.keys.sorted() == ["duck/a", "duck/b"])
        let second = try await source.tick(SensorContext(cursor: first.cursor, probe: context))
        #expect(second.observations.isEmpty && second.message == "the file was not written")
    }
}
