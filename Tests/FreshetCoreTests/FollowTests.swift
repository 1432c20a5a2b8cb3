import FreshetCore
import Testing

@Suite struct `What an asset only follows` {
    private let graph: AssetGraph

    init() throws {
        graph = try AssetGraph([
            AssetSpec(key: "fct", role: .observed), AssetSpec(key: "board", role: .observed, dependencies: ["fct"]),
            AssetSpec(key: "model", follows: ["board"], parts: ["t": ["fct"]]),
        ])
    }

    private func decide(board: Observation) -> Decision? {
        let trace = Provenance(codeVersion: "1", inputs: [Input("fct", part: "t"): "1"])
        let recorded = Materialization(asset: "model", version: "v", provenance: trace)
        let observed: [AssetKey: Observation] = ["fct": .known("1"), "board": board]
        return Plan(PlanInput(graph: graph, recorded: ["model": recorded], observed: observed))["model"]
    }

    @Test func `is before it in the graph, and none of its inputs`() {
        #expect(graph.dependents(of: "board") == ["model"])
        #expect(graph.inputs(of: "model").map(\.key) == ["fct"])
    }

    @Test func `does not make it stale`() {
        #expect(decide(board: .known("1")) == .skip(.upToDate))
        #expect(decide(board: .known("2")) == .skip(.upToDate))
        #expect(decide(board: .unknown) == .skip(.upToDate))
    }

    @Test func `holds it when it failed`() {
        #expect(decide(board: .known("2", health: .failed)) == .skip(.upstreamFailed("board")))
    }
}
