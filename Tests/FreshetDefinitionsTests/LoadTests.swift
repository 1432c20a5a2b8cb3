import Foundation
import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

/// The project of the design document, which has to load as it stands there.
enum Retail {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Projects/retail"

    static func load(_ environment: String = "prod") throws -> Project {
        let loader = ProjectLoader(catalog: StandIns.catalog, environmentVariables: [:])
        return try loader.load(folder: folder, environment: environment).project
    }
}

@Suite struct LoadTests {
    @Test func `the project of the design document loads`() throws {
        let project = try Retail.load()
        #expect(project.name == "retail")
        #expect(project.timeZone == "Europe/Berlin")
        #expect(project.store == Retail.folder + "/.freshet/freshet.db")
        #expect(project.pools == ["powerbi/capacity-a": 4])
        #expect(project.connections.map(\.name) == ["powerbi", "artifacts", "warehouse"])
        #expect(project.sources.map(\.name) == ["dbt", "powerbi"])
        #expect(
            project.graph.ordered.map(\.key.path) == [
                "dbt/retail/fct_sales", "warehouse/dim_customer", "warehouse/fct_sales", "gate/sales",
                "powerbi/retail/sales",
            ]
        )
    }

    @Test func `a model gets its policy from defaults and from its own statement`() throws {
        let spec = try #require(try Retail.load().asset("powerbi/retail/sales")?.spec)
        #expect(
            spec.policy
                == AssetPolicy(
                    automation: AutomationPolicy(
                        quietPeriod: .seconds(120),
                        minInterval: .seconds(900),
                        maxSkip: .seconds(86_400)
                    ),
                    retry: RetryPolicy(count: 3, delay: .seconds(900)),
                    timeout: .seconds(7200),
                    pool: "powerbi/capacity-a",
                    freshness: FreshnessPolicy(
                        by: .init(minuteOfDay: 450, weekdays: [1, 2, 3, 4, 5], timeZone: "Europe/Berlin"),
                        maxDataAge: .seconds(7200)
                    )
                )
        )
        #expect(spec.parts == ["fct_sales": ["warehouse/fct_sales"], "dim_customer": ["warehouse/dim_customer"]])
        #expect(spec.labels.kind == "powerbi.semantic_model")
    }

    @Test func `a branch gets its arms with their conditions`() throws {
        let spec = try #require(try Retail.load().asset("gate/sales")?.spec)
        let condition = Condition.any([.changed("warehouse/fct_sales"), .changed("warehouse/dim_customer")])
        #expect(spec.role == .branch(Branch(.first, [Arm(if: condition, then: ["powerbi/retail/sales"])])))
    }

    @Test func `a key under a source's prefix is an asset of that source before the source was read`() throws {
        let asset = try #require(try Retail.load().asset("dbt/retail/fct_sales"))
        #expect(asset.spec.role == .observed)
        #expect(asset.spec.labels.kind == "dbt.node")
        guard case .sourced("dbt") = asset.work else {
            Issue.record("the asset is not of the source")
            return
        }
    }

    @Test func `an environment changes variables and mode`() throws {
        let prod = try Retail.load("prod")
        let dev = try Retail.load("dev")
        #expect(try prod.asset("powerbi/retail/sales")?.settings.text("workspace") == "Retail")
        #expect(try dev.asset("powerbi/retail/sales")?.settings.text("workspace") == "Retail [Dev]")
        #expect(prod.mode == .act)
        #expect(dev.mode == .observe)
        #expect(prod.configVersion != dev.configVersion)
    }

    @Test func `references to the environment and to secrets stay as they are written`() throws {
        let settings = try #require(try Retail.load().connections.first?.settings)
        #expect(try settings.text("tenant_id") == "${env:POWERBI_TENANT_ID}")
        #expect(try settings.text("client_secret") == "${secret:env/POWERBI_CLIENT_SECRET}")
    }

    @Test func `sources are there without the assets`() throws {
        let loader = ProjectLoader(catalog: StandIns.catalog, environmentVariables: ["FRESHET_ENV": "dev"])
        let loaded = try loader.sources(folder: Retail.folder, environment: nil)
        #expect(loaded.environment == "dev")
        #expect(loaded.sources.map(\.name) == ["dbt", "powerbi"])
        #expect(loaded.sources.first?.source.every == .seconds(30))
        #expect(try loaded.sources.last?.settings.texts("workspaces") == ["Retail [Dev]"])
    }

    @Test func `the nearest folder with a project is found from below`() throws {
        #expect(ProjectLoader.findProject(from: Retail.folder + "/assets/") == Retail.folder)
        #expect(ProjectLoader.findProject(from: Retail.folder + "/nowhere/../assets/.") == Retail.folder)
        #expect(ProjectLoader.findProject(from: "/") == nil)
    }

    @Test func `a folder without a project says so`() throws {
        let loader = ProjectLoader(catalog: StandIns.catalog, environmentVariables: [:])
        let error = #expect(throws: LoadError.self) { try loader.load(folder: Retail.folder + "/assets") }
        #expect(error?.description == "no freshet.yaml in \(Retail.folder)/assets or above")
        #expect(error?.diagnostics.isEmpty == true)
    }

    @Test func `what a kind refuses is shown at the value`() throws {
        let project = try TestProject(
            assets: """
                assets:
                  - key: m
                    kind: test.model
                    connection: powerbi
                    workspace: W
                    model: Refused
                """
        )
        #expect(try project.mistakes() == ["6:12 a model of that name is refused"])
    }

    @Test func `counts tell the kinds, the most frequent first`() throws {
        let counts = ProjectCounts(try Retail.load())
        #expect(
            counts.kinds.map { "\($0.count) \($0.name)" } == [
                "2 sql.table", "1 branch", "1 dbt.node", "1 powerbi.semantic_model",
            ]
        )
        #expect((counts.materialized, counts.observed, counts.branches, counts.automated) == (1, 3, 1, 1))
    }

    @Test func `the stand-in catalog has no mistakes`() {
        #expect(StandIns.catalog.mistakes == [])
        #expect((StandIns.catalog + StandIns.catalog).mistakes.contains("2 kinds of connections are called 's3'"))
    }

    @Test func `every example of the stand-in catalog loads`() {
        #expect(ExampleCheck.mistakes(in: StandIns.catalog) == [])
    }

    @Test func `an example that does not load is told`() {
        #expect(
            ExampleCheck.mistakes(in: Catalog(probes: [WrongExamples.self])) == [
                "wrong, example 1: 1:1 the key 'tabel' is unknown here",
                "wrong, example 2: 1:1 an example has to be a mapping, not a list",
            ]
        )
    }
}

private struct WrongExamples: Probe {
    static let name = "wrong"
    static let summary = "Has wrong examples."
    static let fields = [Field("table", .text, "A table.")]
    static let examples = ["tabel: x", "- a"]
    init(from settings: Settings) throws(Diagnostic) {}
    func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation { .unknown }
}
