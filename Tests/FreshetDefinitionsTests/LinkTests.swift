import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

@Suite struct `What a source says of where its assets are shown` {
    private static let project = """
        project: test
        connections:
          powerbi: {kind: powerbi, tenant_id: t, client_id: c, client_secret: "${secret:env/S}"}
        sources:
          - dbt: {manifest: m.json}
        """

    private func load(_ link: AssetLink, _ refresh: String = "") throws -> AssetSpec {
        let model = "{key: m, kind: test.model, connection: powerbi, workspace: Retail, model: Sales\(refresh)}"
        let project = try TestProject(["freshet.yaml": Self.project, "assets/x.yaml": "assets:\n  - \(model)"])
        let specs = [
            AssetSpec(key: "dbt/fct", role: .observed, labels: Labels(kind: "dbt.model")),
            AssetSpec(
                key: "dbt/board",
                role: .observed,
                dependencies: ["dbt/fct"],
                links: [link],
                labels: Labels(kind: "dbt.exposure")
            ),
        ]
        return try #require(try project.load(resolved: ["dbt": specs]).project.graph["m"])
    }

    private func link(_ model: String..., workspace: [String]? = nil) -> AssetLink {
        var settings = ["model": model]
        settings["workspace"] = workspace
        return AssetLink(kind: "test.model", settings: settings)
    }

    @Test func `makes them inputs of what they name`() throws {
        #expect(try load(link("5b218778", "sales")).dependencies == ["dbt/board"])
        #expect(try load(link("Sales", workspace: ["cfafbeb1", "Retail"])).dependencies == ["dbt/board"])
    }

    @Test func `means nobody else`() throws {
        #expect(try load(link("Stock")).upstreams.isEmpty)
        #expect(try load(link("Sales", workspace: ["Finance"])).upstreams.isEmpty)
        #expect(try load(AssetLink(kind: "other.kind", settings: ["model": ["Sales"]])).upstreams.isEmpty)
    }

    @Test func `gives what knows its tables' inputs itself no version, but its place and its health`() throws {
        let spec = try load(link("Sales"), ", refresh: {tables: {t: {from: dbt/fct}}}")
        #expect(spec.dependencies.isEmpty)
        #expect(spec.follows == ["dbt/board"])
        #expect(spec.upstreams.sorted() == ["dbt/board", "dbt/fct"])
    }
}
