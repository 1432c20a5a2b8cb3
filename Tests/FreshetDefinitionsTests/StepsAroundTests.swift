import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

@Suite struct `Steps around an asset` {
    private let model = """
        assets:
          - {key: orders, kind: sql.table, connection: warehouse, table: orders, change: [row_count]}
          - {key: gate, kind: branch, deps: orders, choose: [{if: changed(orders), then: model}]}
          - key: model
            kind: powerbi.semantic_model
            connection: powerbi
            workspace: Retail
            model: Sales
            deps: gate
            before: prep
            after: [publish]
            automation: {quiet_period: 2m}
          - {key: prep, kind: powerbi.semantic_model, connection: powerbi, workspace: Retail, model: Prep}
          - {key: publish, kind: powerbi.semantic_model, connection: powerbi, workspace: Retail, model: Publish}

        """

    @Test func `a step before reads and is chosen as the asset is, and goes by its automation`() throws {
        let project = try TestProject(assets: model).load().project
        let prep = try #require(project.asset("prep")?.spec)
        #expect(prep.dependencies == ["gate"])
        #expect(prep.policy.automation == AutomationPolicy())
        #expect(project.graph.inputs(of: "prep") == [Input("orders")])
        guard case .branch(let branch)? = project.asset("gate")?.spec.role else { return #expect(Bool(false)) }
        #expect(branch.arms.map(\.targets) == [["model", "prep"]])
    }

    @Test func `a step before gives the asset no version, and is upstream of it`() throws {
        let graph = try TestProject(assets: model).load().project.graph
        #expect(graph.inputs(of: "model") == [Input("orders")])
        #expect(graph.ancestry(of: ["model"]).map(\.key).contains("prep"))
    }

    @Test func `a step after depends on the asset`() throws {
        let project = try TestProject(assets: model).load().project
        #expect(project.asset("publish")?.spec.dependencies == ["model"])
        #expect(project.graph.withSteps(["model"]) == ["prep", "model", "publish"])
    }

    @Test func `a step has to be something that Freshet works on, and another asset`() throws {
        let project = try TestProject(
            assets: model.replacing("before: prep", with: "before: [orders, model]")
        )
        let found = try project.mistakes()
        #expect(
            found == [
                "10:14 'model' names 'orders' in 'before', which Freshet only looks at or evaluates "
                    + "(a step has to be an asset that Freshet works on; what has to settle first belongs into 'deps')",
                "10:22 'model' names itself in 'before'",
            ]
        )
    }
}
