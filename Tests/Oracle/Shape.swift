import FreshetCore
import FreshetEngine
import FreshetKit

/// A small project, as Freshet and as the oracle see it.
package struct Shape: Sendable {
    package var name: String
    package var signals: [Signal]
    /// The slots of each model; a model reads only those before it.
    package var models: [[(part: String, feed: Feed)]]
    /// The models that stand behind a branch which chooses them when any of their inputs changed.
    package var behindBranch: Set<Int> = []
    var policies: [AutomationPolicy]
    package var retries: Int
    let project: Project
    let start: World

    static func table(_ index: Int) -> AssetKey { AssetKey("t\(index)") }
    static func model(_ index: Int) -> AssetKey { AssetKey("m\(index)") }

    static func index(_ key: AssetKey) -> Int { Int(key.path.dropFirst()) ?? 0 }

    func isBehindBranch(_ key: AssetKey) -> Bool { behindBranch.contains(Self.index(key)) }

    init(
        _ name: String,
        _ signals: [Signal],
        _ models: [[(part: String, feed: Feed)]],
        behindBranch: Set<Int> = [],
        _ policy: AutomationPolicy = AutomationPolicy(),
        retries: Int = 0
    ) throws {
        self.name = name
        self.signals = signals
        self.models = models
        self.behindBranch = behindBranch
        self.retries = retries
        policies = models.map { _ in policy }
        var specs = signals.indices.map { AssetSpec(key: Self.table($0), role: .observed) }
        for (index, slots) in models.enumerated() {
            let key = Self.model(index)
            let feeds = slots.map { Self.key(of: $0.feed) }
            var dependencies = feeds
            if behindBranch.contains(index) {
                let gate = AssetKey("g\(index)")
                let condition = try Condition(parsing: feeds.map { "changed(\($0))" }.joined(separator: " or "))
                specs.append(
                    AssetSpec(
                        key: gate,
                        role: .branch(Branch(.first, [Arm(if: condition, then: [key])])),
                        dependencies: feeds
                    )
                )
                dependencies = [gate]
            }
            var parts: [String: [AssetKey]] = [:]
            for slot in slots where !slot.part.isEmpty { parts[slot.part, default: []].append(Self.key(of: slot.feed)) }
            specs.append(
                AssetSpec(
                    key: key,
                    dependencies: dependencies,
                    parts: parts,
                    policy: AssetPolicy(automation: policy, retry: RetryPolicy(count: retries, jitter: 0))
                )
            )
        }
        let graph = try AssetGraph(specs)
        let nowhere = Settings(ConfigValue(.object([]), at: Origin(file: "oracle")))
        project = Project(
            name: name,
            root: "/",
            timeZone: "UTC",
            store: "",
            environment: nil,
            mode: .act,
            connections: [],
            sources: [],
            pools: [:],
            assets: specs.map { AssetDefinition(spec: $0, work: .branch, settings: nowhere) },
            graph: graph,
            configVersion: "c"
        )
        start = World(project, StoreSnapshot())
    }

    static func key(of feed: Feed) -> AssetKey {
        switch feed {
        case .table(let index): table(index)
        case .model(let index): model(index)
        }
    }

    /// What histories are told in.
    ///
    /// - Parameter isExact: whether every signal sees every change; otherwise some are weak.
    package static func all(isExact: Bool) throws -> [Shape] {
        let weak: (Signal) -> Signal = { isExact ? .exact : $0 }
        let calm = AutomationPolicy(quietPeriod: .seconds(120), minInterval: .seconds(600))
        let holding = AutomationPolicy(maxSkip: .seconds(2 * 86_400), onUnknown: .hold)
        return [
            try Shape("one", [.exact], [[("", .table(0))]]),
            try Shape("two tables", [.exact, weak(.count)], [[("a", .table(0)), ("b", .table(1))]], calm),
            try Shape("two models", [.exact, .exact], [[("", .table(0))], [("", .table(0)), ("b", .table(1))]]),
            try Shape("chain", [.exact, weak(.watermark)], [[("", .table(0))], [("", .model(0)), ("b", .table(1))]]),
            try Shape("long", [.exact], [[("", .table(0))], [("", .model(0))], [("", .model(1))]], retries: 1),
            try Shape("gate", [.exact, .exact], [[("a", .table(0)), ("b", .table(1))]], behindBranch: [0]),
            try Shape(
                "two gates",
                [.exact, .exact, weak(.count)],
                [[("a", .table(0)), ("b", .table(1))], [("", .table(1)), ("c", .table(2))]],
                behindBranch: [0, 1],
                calm,
                retries: 1
            ),
            try Shape("diamond", [.exact], [[("", .table(0))], [("", .table(0))], [("x", .model(0)), ("y", .model(1))]]),
            try Shape("held", [.exact, .exact], [[("a", .table(0)), ("b", .table(1))]], holding, retries: 1),
        ]
    }
}
