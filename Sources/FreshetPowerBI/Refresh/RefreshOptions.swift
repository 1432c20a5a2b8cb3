internal import FreshetCore
internal import FreshetKit

/// What a definition file says about how a model is refreshed.
struct RefreshOptions: Hashable, Sendable {
    /// - SeeAlso: Power BI, *Enhanced refresh with the REST API*, parameter `type`.
    enum ProcessingType: String, CaseIterable {
        case automatic
        case calculate
        case clearValues = "clear_values"
        case dataOnly = "data_only"
        case defragment
        case full

        var wireName: String {
            switch self {
            case .clearValues: "clearValues"
            case .dataOnly: "dataOnly"
            case .automatic, .calculate, .defragment, .full: rawValue
            }
        }
    }

    enum CommitMode: String, CaseIterable {
        case transactional
        case partialBatch = "partial_batch"

        var wireName: String { self == .partialBatch ? "partialBatch" : rawValue }
    }

    struct Table: Hashable, Sendable {
        var inputs: [AssetKey]
        /// Empty for the whole table.
        var partitions: [String]
    }

    /// True on shared capacity, which knows only standard refreshes: the whole model, and no options.
    var isStandard = false
    var type = ProcessingType.full
    var commitMode = CommitMode.transactional
    var maxParallelism: Int?
    var retryCount: Int?
    /// The service's own limit for each of its attempts.
    var timeout: Duration?
    var applyRefreshPolicy: Bool?
    var tables: [String: Table] = [:]

    static let fields: [Field] = [
        Field("type", .choice(ProcessingType.allCases.map(\.rawValue)), default: "full", "How the model is processed."),
        Field(
            "commit_mode",
            .choice(CommitMode.allCases.map(\.rawValue)),
            default: "transactional",
            "Whether all of it takes effect at once, or each table when it is done."
        ),
        Field(
            "max_parallelism",
            .integer(1...100),
            default: "10",
            altersWork: false,
            "The most threads that the service uses for it."
        ),
        Field(
            "retry_count",
            .integer(0...100),
            default: "0",
            altersWork: false,
            "How often the service itself tries again."
        ),
        Field(
            "timeout",
            .duration,
            default: "5h",
            altersWork: false,
            "The service's own limit for each of its attempts, below 24 hours."
        ),
        Field(
            "apply_refresh_policy",
            .boolean,
            "Whether an incremental refresh policy applies; left to the service unless a partition or partial_batch "
                + "rules it out."
        ),
        Field(
            "tables",
            .map(
                .object([
                    Field("from", .oneOrMore(.assetKey), required: true, "The assets that the table is loaded from."),
                    Field("partition", .oneOrMore(.text), "The partitions to refresh; the whole table without it."),
                ])
            ),
            "The tables that are refreshed alone when only their inputs changed, by name."
        ),
    ]

    init() {}

    init(from settings: Settings, isStandard: Bool) throws(Diagnostic) {
        self.isStandard = isStandard
        type = try settings.choice("type") ?? .full
        commitMode = try settings.choice("commit_mode") ?? .transactional
        maxParallelism = try settings.integer("max_parallelism")
        retryCount = try settings.integer("retry_count")
        timeout = try settings.duration("timeout")
        applyRefreshPolicy = try settings.boolean("apply_refresh_policy")
        for (name, table) in settings.map("tables") {
            let inputs = try table.texts("from").map { AssetKey($0) }
            guard !inputs.isEmpty else { throw table.missing("from") }
            tables[name] = Table(inputs: inputs, partitions: try table.texts("partition"))
        }
        try check(settings)
    }

    /// Combinations that the service refuses, or takes and fails later.
    private func check(_ settings: Settings) throws(Diagnostic) {
        if isStandard { try checkStandard(settings) }
        if let timeout, timeout < .seconds(1) || timeout >= .seconds(86_400) {
            throw Diagnostic("'timeout' has to be at least 1s and less than 24h", at: settings.origin(of: "timeout"))
        }
        guard applyRefreshPolicy == true else { return }
        let origin = settings.origin(of: "apply_refresh_policy")
        if commitMode == .partialBatch {
            throw Diagnostic("a refresh policy works only with 'commit_mode: transactional'", at: origin)
        }
        if tables.values.contains(where: { !$0.partitions.isEmpty }) {
            throw Diagnostic(
                "a refresh policy chooses the partitions itself, and this names some",
                at: origin,
                hint: "leave out apply_refresh_policy or the partitions"
            )
        }
    }

    private func checkStandard(_ settings: Settings) throws(Diagnostic) {
        let hint = "a model on shared capacity is always refreshed whole; leave it out, or use capacity: dedicated"
        let names = ["type", "commit_mode", "max_parallelism", "retry_count", "timeout", "apply_refresh_policy"]
        for name in names where settings.has(name) {
            // What the service does anyway may be stated.
            if name == "type", type == .full || type == .automatic { continue }
            if name == "commit_mode", commitMode == .transactional { continue }
            throw Diagnostic("'\(name)' needs dedicated capacity", at: settings.origin(of: name), hint: hint)
        }
        for (_, table) in settings.map("tables") where table.has("partition") {
            throw Diagnostic("'partition' needs dedicated capacity", at: table.origin(of: "partition"), hint: hint)
        }
    }
}

extension Settings {
    /// A word of a closed list; `nil` when it is not stated.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(Diagnostic) -> Choice? {
        guard let text = try text(name) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw Diagnostic("'\(name)' has to be one of \(known)", at: origin(of: name))
    }
}
