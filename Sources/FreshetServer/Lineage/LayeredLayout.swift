/// A layered drawing of a directed graph, from left to right (Sugiyama, Tagawa and Toda, 1981).
///
/// Layers by the longest path, edges over several layers through slim places of their own, crossings lessened by
/// barycentres in both directions, and each node pulled towards its neighbours. Lanes keep groups in disjoint
/// rectangles. Linear in nodes and edges but for the sorting of columns.
struct LayeredLayout {
    struct Place: Equatable {
        var layer: Int
        var x: Double
        var y: Double
    }
    struct Box: Equatable {
        var x: Double
        var y: Double
        var width: Double
        var height: Double
    }

    static let nodeWidth = 196.0
    static let nodeHeight = 44.0
    static let columnWidth = 260.0
    private static let row = 58.0
    private static let slimRow = 14.0
    private static let laneHead = 40.0

    /// By the node's number.
    private(set) var places: [Place] = []
    /// By the edge's number: x, y, x, y …, the first on the left node, the last on the right one.
    private(set) var routes: [[Double]] = []
    /// By the lane's number; empty without lanes.
    private(set) var boxes: [Box] = []
    private(set) var width = 0.0
    private(set) var height = 0.0

    private let count: Int
    private let edges: [(from: Int, to: Int)]
    private let laneCount: Int
    private var hasLanes: Bool { laneCount > 1 }
    /// Of nodes, then of slim places.
    private var layer: [Int] = []
    private var lane: [Int] = []
    private var up: [[Int]] = []
    private var down: [[Int]] = []
    private var chains: [[Int]] = []
    private var columns: [[Int]] = []
    private var rank: [Int] = []
    private var middle: [Double] = []
    /// The order of lanes from the top.
    private var laneOrder: [Int] = []

    /// - Parameters:
    ///   - lanes: for each node the number of its lane; all 0 for none.
    ///   - edges: by the numbers of nodes.
    init(lanes: [Int], edges: [(from: Int, to: Int)]) {
        count = lanes.count
        self.edges = edges
        laneCount = (lanes.max() ?? 0) + 1
        lane = lanes
        laneOrder = Array(0..<laneCount)
        guard count > 0 else { return }
        assignLayers()
        addSlimPlaces()
        order()
        setHeights()
        if !hasLanes { pull() }
        finish()
    }

    // MARK: Layers

    private mutating func assignLayers() {
        var above = [[Int]](repeating: [], count: count)
        var below = above
        for edge in edges {
            above[edge.to].append(edge.from)
            below[edge.from].append(edge.to)
        }
        layer = [Int](repeating: -1, count: count)
        var left = above.map(\.count)
        var ready = (0..<count).filter { left[$0] == 0 }
        var sequence: [Int] = []
        while !ready.isEmpty {
            var following: [Int] = []
            for node in ready {
                layer[node] = above[node].map { layer[$0] + 1 }.max() ?? 0
                sequence.append(node)
                for other in below[node] {
                    left[other] -= 1
                    if left[other] == 0 { following.append(other) }
                }
            }
            ready = following
        }
        // Folded groups can feed each other in a circle.
        for node in 0..<count where layer[node] < 0 { layer[node] = 1 + (above[node].map { layer[$0] }.max() ?? -1) }
        // What nothing feeds moves next to what it feeds.
        for node in sequence.reversed() where above[node].isEmpty && !below[node].isEmpty {
            layer[node] = max(0, (below[node].map { layer[$0] }.min() ?? 1) - 1)
        }
    }

    private mutating func addSlimPlaces() {
        up = [[Int]](repeating: [], count: count)
        down = up
        for edge in edges {
            var chain: [Int] = []
            var last = edge.from
            for step in layer[edge.from] + 1..<max(layer[edge.from] + 1, layer[edge.to]) {
                let place = layer.count
                layer.append(step)
                lane.append(lane[edge.to])
                up.append([last])
                down.append([])
                down[last].append(place)
                chain.append(place)
                last = place
            }
            up[edge.to].append(last)
            down[last].append(edge.to)
            chains.append(chain)
        }
        columns = [[Int]](repeating: [], count: (layer.max() ?? 0) + 1)
        for place in layer.indices { columns[layer[place]].append(place) }
    }

    // MARK: Order

    private mutating func order() {
        rank = [Int](repeating: 0, count: layer.count)
        for column in columns { for (index, place) in column.enumerated() { rank[place] = index } }
        for sweep in 0..<10 {
            if hasLanes, sweep == 2 || sweep == 5 { orderLanes() }
            let isForward = sweep % 2 == 0
            for level in isForward ? Array(columns.indices) : columns.indices.reversed() {
                sort(level, by: isForward ? up : down)
            }
        }
    }

    private mutating func sort(_ level: Int, by neighbours: [[Int]]) {
        var position = [Int](repeating: 0, count: laneCount)
        for (index, number) in laneOrder.enumerated() { position[number] = index }
        let keyed = columns[level].map { place -> (Int, Double, Int, Int) in
            let near = neighbours[place]
            let centre =
                near.isEmpty ? Double(rank[place]) : near.reduce(0.0) { $0 + Double(rank[$1]) } / Double(near.count)
            return (position[lane[place]], centre, rank[place], place)
        }
        columns[level] = keyed.sorted { $0 < $1 }.map(\.3)
        for (index, place) in columns[level].enumerated() { rank[place] = index }
    }

    /// Lanes whose nodes are joined to what stands high come high.
    private mutating func orderLanes() {
        var total = [Double](repeating: 0, count: laneCount)
        var joined = total
        for node in 0..<count {
            for other in up[node] + down[node] {
                total[lane[node]] += Double(rank[other]) / Double(max(1, columns[layer[other]].count))
                joined[lane[node]] += 1
            }
        }
        laneOrder.sort { (total[$0] / max(1, joined[$0]), $0) < (total[$1] / max(1, joined[$1]), $1) }
    }

    // MARK: Heights

    private func size(_ place: Int) -> Double { place < count ? Self.row : Self.slimRow }

    /// Each lane is as high as its fullest column.
    private mutating func setHeights() {
        var tall = [Double](repeating: 0, count: laneCount)
        var used: [[Double]] = []
        for column in columns {
            var sums = [Double](repeating: 0, count: laneCount)
            for place in column { sums[lane[place]] += size(place) }
            for number in 0..<laneCount { tall[number] = max(tall[number], sums[number]) }
            used.append(sums)
        }
        var top = [Double](repeating: 0, count: laneCount)
        var y = 0.0
        for number in laneOrder {
            top[number] = y + (hasLanes ? Self.laneHead : 0)
            y += tall[number] + (hasLanes ? Self.laneHead + 26 : 0)
        }
        middle = [Double](repeating: 0, count: layer.count)
        for (level, column) in columns.enumerated() {
            var cursor = (0..<laneCount).map { top[$0] + (tall[$0] - used[level][$0]) / 2 }
            for place in column {
                middle[place] = cursor[lane[place]] + size(place) / 2
                cursor[lane[place]] += size(place)
            }
        }
        guard hasLanes else { return }
        boxes = (0..<laneCount).map { number in
            let members = (0..<count).filter { lane[$0] == number }.map { layer[$0] }
            let (first, last) = (Double(members.min() ?? 0), Double(members.max() ?? 0))
            return Box(
                x: first * Self.columnWidth - 14,
                y: top[number] - 30,
                width: (last - first) * Self.columnWidth + Self.nodeWidth + 28,
                height: tall[number] + 36
            )
        }
    }

    /// Pulls each place towards the middle of its neighbours, without changing the order.
    private mutating func pull() {
        for sweep in 0..<6 {
            let isForward = sweep % 2 == 0
            let near = isForward ? up : down
            for level in isForward ? Array(columns.indices) : columns.indices.reversed() {
                let column = columns[level]
                let wanted = column.map { place -> Double in
                    near[place].isEmpty
                        ? middle[place] : near[place].reduce(0) { $0 + middle[$1] } / Double(near[place].count)
                }
                var edge = -Double.infinity
                var found: [Double] = []
                for (place, want) in zip(column, wanted) {
                    let at = max(want, edge + size(place) / 2)
                    found.append(at)
                    edge = at + size(place) / 2
                }
                let shift = zip(wanted, found).reduce(0) { $0 + $1.0 - $1.1 } / Double(max(1, column.count))
                for (place, at) in zip(column, found) { middle[place] = at + shift }
            }
        }
        let low = middle.indices.map { middle[$0] - size($0) / 2 }.min() ?? 0
        for place in middle.indices { middle[place] -= low }
    }

    private mutating func finish() {
        places = (0..<count).map { node in
            Place(
                layer: layer[node],
                x: Double(layer[node]) * Self.columnWidth,
                y: Self.rounded(middle[node] - Self.nodeHeight / 2)
            )
        }
        routes = zip(edges, chains).map { edge, chain in
            var points = [Double(layer[edge.from]) * Self.columnWidth + Self.nodeWidth, middle[edge.from]]
            for place in chain {
                let x = Double(layer[place]) * Self.columnWidth
                points += [x - 20, middle[place], x + Self.nodeWidth + 20, middle[place]]
            }
            points += [Double(layer[edge.to]) * Self.columnWidth, middle[edge.to]]
            return points.map(Self.rounded)
        }
        width = Double(columns.count) * Self.columnWidth
        height = Self.rounded(middle.indices.map { middle[$0] + size($0) }.max() ?? 0)
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    /// Places of nodes in a grid, column by column, in their order: for groups that mostly feed each other in circles,
    /// where layers mean little.
    static func grid(count: Int, edges: [(from: Int, to: Int)]) -> LayeredLayout {
        var layout = LayeredLayout(lanes: [], edges: [])
        let rows = max(1, Int((Double(count) * 0.9).squareRoot().rounded()))
        let tall = row + 34
        layout.places = (0..<count).map { node in
            Place(layer: node / rows, x: Double(node / rows) * columnWidth, y: Double(node % rows) * tall)
        }
        layout.routes = edges.map { edge in
            let (from, to) = (layout.places[edge.from], layout.places[edge.to])
            let isForward = to.x > from.x
            let end = to.x + (isForward || to.x == from.x ? 0 : nodeWidth)
            return [from.x + (isForward ? nodeWidth : 0), from.y + nodeHeight / 2, end, to.y + nodeHeight / 2]
        }
        layout.width = Double((count + rows - 1) / rows) * columnWidth
        layout.height = Double(rows) * tall
        return layout
    }
}
