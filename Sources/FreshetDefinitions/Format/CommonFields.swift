internal import FreshetCore
internal import FreshetKit

/// What every asset can state beside the fields of its kind.
///
/// The decoder, the messages, the JSON Schema and `freshet config show` are made from this one table. None of these
/// fields alters the work, and so none is part of a code version.
enum CommonFields {
    /// What an asset is to Freshet, and so what can be stated about it.
    enum Role: CaseIterable {
        case materialized
        /// Looked at by a probe of its own.
        case probed
        /// Looked at by the source that yields it.
        case sourced
        case branch
    }

    /// The kind of a choice among arms.
    static let branchKind = "branch"

    static let key = Field(
        "key",
        .assetKey,
        required: true,
        altersWork: false,
        "The asset's identity: parts joined by '/', of letters of any script, digits, '_', '-', '.' and inner spaces."
    )
    static let kind = Field(
        "kind",
        .text,
        altersWork: false,
        "What the asset is, such as powerbi.semantic_model; only an asset that a source yields can do without."
    )

    static let everywhere: [Field] = [
        key,
        kind,
        Field(
            "deps",
            .oneOrMore(.assetKey),
            default: "[]",
            altersWork: false,
            "The assets that have to settle before this one, as far as no other field names them."
        ),
        Field("description", .text, altersWork: false, "What the asset is for, in the words of its owners."),
        Field("group", .text, altersWork: false, "The group it is shown in."),
        Field("owners", .oneOrMore(.text), default: "[]", altersWork: false, "Who to ask: people, teams, addresses."),
        Field(
            "tags",
            .anyOf([.list(.text), .map(.text)]),
            default: "[]",
            altersWork: false,
            "Labels to select by: a list of names, or names with values."
        ),
    ]

    static let timeout = Field(
        "timeout",
        .duration,
        altersWork: false,
        "The longest that one attempt may take, from its start."
    )

    static let materialized: [Field] = [
        Field(
            "after",
            .oneOrMore(.assetKey),
            default: "[]",
            altersWork: false,
            "Assets to work on after each success of this one."
        ),
        Field(
            "automation",
            .anyOf([.boolean, .object(automation)]),
            default: "false",
            altersWork: false,
            "Whether a change upstream makes Freshet act by itself; false for only by hand."
        ),
        Field(
            "critical",
            .boolean,
            default: "false",
            altersWork: false,
            "Whether it goes first where others queue too; a blackout holds it all the same."
        ),
        Field(
            "freshness",
            .object(freshness),
            altersWork: false,
            "How old the data that a report shows may be, and by when."
        ),
        Field(
            "before",
            .oneOrMore(.assetKey),
            default: "[]",
            altersWork: false,
            "Assets to work on before this one, whenever it is stale; one that fails holds it."
        ),
        Field("pool", .pool, altersWork: false, "The pool whose slots its attempts occupy."),
        Field("retry", .object(retry), altersWork: false, "How often, and how soon, a failed attempt is tried again."),
        timeout,
    ]

    static let probed: [Field] = [
        Field(
            "every",
            .duration,
            altersWork: false,
            "How often it is looked at, beside each new observation of what it depends on."
        ),
        timeout,
    ]

    static let automation: [Field] = [
        Field(
            "on",
            .choice(["change", "schedule", "never"]),
            default: "change",
            altersWork: false,
            "When to act: when an input's version moved, only at the slots of 'cron', or never."
        ),
        Field(
            "quiet_period",
            .duration,
            default: "0s",
            altersWork: false,
            "How long nothing may move before a run starts; postpones at most ten times its length."
        ),
        Field(
            "min_interval",
            .duration,
            default: "0s",
            altersWork: false,
            "The least time from the start of one run to the start of the next."
        ),
        Field(
            "max_skip",
            .duration,
            altersWork: false,
            "How long a skip may stand before the asset is refreshed anyway."
        ),
        Field(
            "on_unknown",
            .choice(AutomationPolicy.OnUnknown.allCases.map(\.rawValue)),
            default: "run",
            altersWork: false,
            "What an input whose version cannot be read leads to."
        ),
        Field(
            "stagger",
            .duration,
            default: "0s",
            altersWork: false,
            "The span over which assets that one event wakes begin, each at a moment of its own."
        ),
        Field(
            "blackout",
            .list(.object(blackout)),
            altersWork: false,
            "When no automatic refresh begins; a person's run does."
        ),
        Field(
            "cron",
            .oneOrMore(.text),
            altersWork: false,
            "When to look at its inputs and compare, besides: cron expressions such as '30 6 * * mon-fri' or 'H 6 * * *'."
        ),
        Field(
            "timezone",
            .text,
            altersWork: false,
            "The IANA zone of 'cron' and 'force_at', where it is not the project's."
        ),
        Field(
            "catchup",
            .choice(Schedule.Catchup.allCases.map(\.rawValue)),
            default: "latest",
            altersWork: false,
            "Which of the slots that passed while no daemon ran are answered: none, the latest, or all."
        ),
        Field(
            "always",
            .boolean,
            default: "false",
            altersWork: false,
            "Whether a slot of 'cron' refreshes it whatever its inputs are, rather than comparing first."
        ),
        Field(
            "force_at",
            .oneOrMore(.text),
            altersWork: false,
            "When to refresh it whatever its inputs are: cron expressions, such as '0 3 * * sun'."
        ),
        Field(
            "shadow",
            .choice(["refresh"]),
            altersWork: false,
            "With 'refresh', a slot of 'cron' refreshes also what is up to date, and compares what it holds before and after."
        ),
        Field(
            "refresh_on_day_change",
            .boolean,
            default: "false",
            altersWork: false,
            "Whether a new date in the project's time zone makes it stale, for what moves with the calendar."
        ),
    ]

    /// Daily, a group of days, or a list of them.
    private static let days = Shape.anyOf([
        .choice(["daily", "weekdays", "weekends"] + weekdays), .list(.choice(weekdays)),
    ])

    static let blackout: [Field] = [
        Field("on", days, default: "daily", altersWork: false, "The days on which it begins."),
        Field("from", .text, required: true, altersWork: false, "The time of day at which it begins, such as 08:00."),
        Field(
            "to",
            .text,
            required: true,
            altersWork: false,
            "The time of day at which it ends, such as 18:00; before 'from' for one of the next day, 24:00 for midnight."
        ),
        Field(
            "timezone",
            .text,
            altersWork: false,
            "The IANA zone of both times, where it is not the project's."
        ),
    ]

    static let retry: [Field] = [
        Field("count", .integer(0...100), default: "0", altersWork: false, "Attempts after the first."),
        Field("delay", .duration, default: "1m", altersWork: false, "The wait before the second attempt."),
        Field(
            "backoff",
            .choice(["constant", "exponential"]),
            altersWork: false,
            "How the wait grows: not at all, or doubled after each attempt."
        ),
        Field(
            "factor",
            .number(1...100),
            default: "1",
            altersWork: false,
            "What the wait is multiplied by after each attempt, where neither backoff says it."
        ),
        Field("max_delay", .duration, default: "1h", altersWork: false, "The longest wait."),
        Field(
            "jitter",
            .number(0...1),
            default: "0.1",
            altersWork: false,
            "The share of the wait by which it may vary to either side."
        ),
    ]

    /// From Monday, so that a day's place is its ISO 8601 number less one.
    static let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    static let freshness: [Field] = [
        Field(
            "by",
            .text,
            altersWork: false,
            "The time of day by which the data has to be young enough, such as 07:30; without it, at every moment."
        ),
        Field(
            "on",
            days,
            default: "daily",
            altersWork: false,
            "The days that 'by' applies to."
        ),
        Field(
            "max_data_age",
            .duration,
            altersWork: false,
            "The greatest age of the data; with 'by' and without this, it has to be of the same day."
        ),
        Field(
            "timezone",
            .text,
            altersWork: false,
            "The IANA zone of 'by', where it is not the project's."
        ),
    ]

    static let branch: [Field] = [
        Field("choose", .list(.object(arm)), altersWork: false, "The arms, of which the first that holds is taken."),
        Field("choose_all", .list(.object(arm)), altersWork: false, "The arms, of which each that holds is taken."),
    ]

    static let arm: [Field] = [
        Field("if", .condition, altersWork: false, "When the arm holds; asks only about inputs of the branch."),
        Field("then", .oneOrMore(.assetKey), altersWork: false, "The assets behind the arm; [] for none."),
        Field(
            "else",
            .oneOrMore(.assetKey),
            altersWork: false,
            "The assets of the last arm, which holds when no other does."
        ),
    ]

    /// The common fields of a role.
    static func fields(for role: Role) -> [Field] {
        switch role {
        case .materialized: everywhere + materialized
        case .probed: everywhere + probed
        case .sourced: everywhere
        case .branch: everywhere + branch
        }
    }

    /// Why the fields of other roles are no fields of this one, by name.
    static func reasons(for role: Role) -> [String: String] {
        switch role {
        case .materialized:
            [
                "choose": "only a branch has arms", "choose_all": "only a branch has arms",
                "every":
                    "Freshet does this asset's work and so knows its version; 'every' is for what it only looks at",
            ]
        case .probed: observedReasons
        case .sourced:
            observedReasons.merging([
                "every": "its source looks at it; state 'every' at the source",
                "timeout": "its source looks at it",
            ]) { _, new in new }
        case .branch:
            Dictionary(
                (materialized + probed).map { ($0.name, "a branch only chooses; state it at the assets behind it") }
            ) { first, _ in first }
        }
    }

    private static let observedReasons = [
        "automation": "Freshet only looks at this asset; state it at the assets that are to be refreshed",
        "choose": "only a branch has arms",
        "choose_all": "only a branch has arms",
        "critical": "Freshet only looks at this asset, which queues for nothing",
        "freshness": "Freshet only looks at this asset; state it at the asset that a report shows",
        "pool": "Freshet only looks at this asset, which takes no slot",
        "retry": "Freshet only looks at this asset, and looks again with the next tick",
    ]
}
