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

    /// Whom the service writes to; only a standard refresh knows it.
    enum NotifyOption: String, CaseIterable {
        case none
        case mailOnFailure = "mail_on_failure"
        case mailOnCompletion = "mail_on_completion"

        var wireName: String {
            switch self {
            case .none: "NoNotification"
            case .mailOnFailure: "MailOnFailure"
            case .mailOnCompletion: "MailOnCompletion"
            }
        }
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
    /// What an incremental refresh policy takes for today.
    var effectiveDate: Timestamp?
    var notifyOption: NotifyOption?
    /// The share of ``tables``, 0...1, above which the whole model is refreshed; `nil` for never.
    var fullAbove: Double?
    /// Why a failure may leave the model half loaded, in a person's words.
    var partialBatchReason: String?
    var tables: [String: Table] = [:]

    /// Whether a refresh of the whole model by others may load all that this one would: theirs applies an incremental
    /// refresh policy where there is one, and takes the present day for today.
    var isWithinOthers: Bool { appliesPolicy && effectiveDate == nil }

    private var appliesPolicy: Bool { isStandard || commitMode == .transactional && applyRefreshPolicy != false }

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
            "effective_date",
            .text,
            "What an incremental refresh policy takes for today: a day such as 2026-03-31, or a moment in UTC."
        ),
        Field(
            "notify_option",
            .choice(NotifyOption.allCases.map(\.rawValue)),
            altersWork: false,
            "Whether the service writes a mail to the model's owner; only on shared capacity."
        ),
        Field(
            "partial_batch_reason",
            .text,
            altersWork: false,
            "Why a failure may leave the model half loaded; 'freshet doctor' warns of partial_batch without it."
        ),
        Field(
            "full_above",
            .number(0...1),
            altersWork: false,
            "The share of the tables named here above which, when so many changed, the whole model is refreshed."
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
        notifyOption = try settings.choice("notify_option")
        effectiveDate = try Self.date(settings)
        fullAbove = try settings.number("full_above")
        partialBatchReason = try settings.text("partial_batch_reason")
        try RefreshOptionsCheck(options: self, settings: settings).run()
    }

    /// A day, or a moment with or without a zone.
    private static func date(_ settings: Settings) throws(Diagnostic) -> Timestamp? {
        guard let text = try settings.text("effective_date") else { return nil }
        if let moment = PowerBITime.parse(text) ?? PowerBITime.parse(text + "T00:00:00Z") { return moment }
        throw Diagnostic(
            "'effective_date' has to be a day or a moment",
            at: settings.origin(of: "effective_date"),
            hint: "such as 2026-03-31 or 2026-03-31T00:00:00Z"
        )
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
