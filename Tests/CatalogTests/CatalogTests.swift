import Foundation
import FreshetConnectors
import FreshetCore
import FreshetDefinitions
import FreshetKit
import FreshetPowerBI
import Testing

/// Everything that ships, together: what `freshet` wires.
@Suite struct `The catalog` {
    static let catalog = Connectors.catalog + PowerBI.catalog
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized.path

    @Test func `has no name twice and no field that hides a common one`() {
        #expect(Self.catalog.mistakes == [])
    }

    @Test func `has examples that load`() {
        #expect(ExampleCheck.mistakes(in: Self.catalog) == [])
    }

    @Test(arguments: ["prod", "dev", "demo"]) func `loads this repository's own project`(environment: String) throws {
        let loader = ProjectLoader(catalog: Self.catalog, environmentVariables: [:])
        let loaded = try loader.load(folder: Self.root, environment: environment)
        #expect(loaded.warnings == [])
        #expect(loaded.project.mode == (environment == "dev" ? .observe : .act))
        let sales = try #require(loaded.project.graph["powerbi/retail/sales"])
        #expect(sales.parts == ["fct_sales": ["warehouse/fct_sales"], "dim_customer": ["warehouse/dim_customer"]])
        #expect(sales.policy.automation?.maxSkip == .seconds(86400))
    }

    @Test(arguments: [
        ("refresh: {commit_mode: partial_batch, apply_refresh_policy: true}", "5:65"),
        ("refresh: {type: automatic, tables: {fct: {from: w/fct}}}", "5:21"),
        ("refresh: {timeout: 12h, retry_count: 2}", "5:24"),
        ("refresh: {notify_option: mail_on_failure}", "5:30"),
        ("verify: {fct: {tolerance: 5%}}", "5:19"),
        ("verify: maybe", "5:13"),
        ("refresh: {full_above: 1.5, tables: {fct: {from: w/fct}}}", "5:27"),
    ])
    func `points at what Power BI would refuse or misread`(_ line: String, _ place: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "freshet-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder + "/assets", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let project = """
            project: p
            store: freshet.db
            connections:
              pbi: {kind: powerbi, tenant_id: t, client_id: c, client_secret: "${secret:env/S}"}
              db: {kind: sqlite, path: w.db}

            """
        try project.write(toFile: folder + "/freshet.yaml", atomically: true, encoding: .utf8)
        let assets = """
            assets:
              - {key: w/fct, kind: sql.table, connection: db, table: fct, change: [row_count]}
              - key: m
                kind: powerbi.semantic_model
                {connection: pbi}
            """
        let model = "connection: pbi, workspace: W, model: M".replacing(", ", with: "\n    ")
        let text = assets.replacing("{connection: pbi}", with: "\(line)\n    \(model)")
        try text.write(toFile: folder + "/assets/m.yaml", atomically: true, encoding: .utf8)
        let loader = ProjectLoader(catalog: Self.catalog, environmentVariables: [:])
        let error = #expect(throws: LoadError.self) { try loader.load(folder: folder) }
        guard case .invalid(let found)? = error else { return }
        #expect(found.map { "\($0.origin)" } == ["assets/m.yaml:\(place)"], "\(found)")
    }
}
