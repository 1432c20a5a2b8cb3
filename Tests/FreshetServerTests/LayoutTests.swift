import Testing

@testable import FreshetServer

@Suite struct `The layout of the lineage` {
    typealias Edge = (from: Int, to: Int)

    @Test func `every edge goes from left to right`() {
        let edges = Self.random(nodes: 200, edges: 400, seed: 7)
        let layout = LayeredLayout(lanes: [Int](repeating: 0, count: 200), edges: edges)
        for edge in edges { #expect(layout.places[edge.from].layer < layout.places[edge.to].layer) }
    }

    @Test func `no two nodes of a layer touch`() {
        let edges = Self.random(nodes: 200, edges: 400, seed: 8)
        let layout = LayeredLayout(lanes: [Int](repeating: 0, count: 200), edges: edges)
        for column in Dictionary(grouping: layout.places, by: \.layer).values {
            let sorted = column.map(\.y).sorted()
            for (one, two) in zip(sorted, sorted.dropFirst()) { #expect(two - one >= LayeredLayout.nodeHeight) }
        }
    }

    @Test func `a route begins on its left node and ends on its right one`() {
        let edges = Self.random(nodes: 50, edges: 120, seed: 9)
        let layout = LayeredLayout(lanes: [Int](repeating: 0, count: 50), edges: edges)
        for (edge, route) in zip(edges, layout.routes) {
            #expect(route[0] == layout.places[edge.from].x + LayeredLayout.nodeWidth)
            #expect(route[route.count - 2] == layout.places[edge.to].x)
            #expect(route.count % 2 == 0)
        }
    }

    @Test func `lanes keep groups in rectangles that do not meet`() {
        let edges = Self.random(nodes: 120, edges: 240, seed: 10)
        let lanes = (0..<120).map { $0 % 5 }
        let layout = LayeredLayout(lanes: lanes, edges: edges)
        let boxes = layout.boxes.sorted { $0.y < $1.y }
        #expect(boxes.count == 5)
        for (one, two) in zip(boxes, boxes.dropFirst()) { #expect(one.y + one.height <= two.y) }
        for (node, place) in layout.places.enumerated() {
            let box = layout.boxes[lanes[node]]
            #expect(place.x >= box.x && place.x + LayeredLayout.nodeWidth <= box.x + box.width)
            #expect(place.y >= box.y && place.y + LayeredLayout.nodeHeight <= box.y + box.height)
        }
    }

    @Test func `the same graph is always drawn alike`() {
        let edges = Self.random(nodes: 80, edges: 160, seed: 11)
        let one = LayeredLayout(lanes: [Int](repeating: 0, count: 80), edges: edges)
        let two = LayeredLayout(lanes: [Int](repeating: 0, count: 80), edges: edges)
        #expect(one.places == two.places)
        #expect(one.routes == two.routes)
    }

    @Test func `a circle of folded groups is drawn all the same`() {
        let layout = LayeredLayout(lanes: [0, 0, 0], edges: [(0, 1), (1, 2), (2, 0)])
        #expect(layout.places.count == 3)
        #expect(layout.routes.count == 3)
    }

    @Test func `an empty graph has no size`() {
        let layout = LayeredLayout(lanes: [], edges: [])
        #expect(layout.places.isEmpty && layout.width == 0)
    }

    /// From a lower to a higher number, so that there is no circle.
    private static func random(nodes: Int, edges: Int, seed: UInt64) -> [Edge] {
        var state = seed
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        return (0..<edges).map { _ in
            let from = next(nodes - 1)
            return (from, from + 1 + next(nodes - from - 1))
        }
    }
}
