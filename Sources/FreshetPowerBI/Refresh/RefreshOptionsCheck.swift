internal import FreshetCore
internal import FreshetKit

/// Finds what the service refuses, takes and fails later, or reads otherwise than it is meant.
///
/// - SeeAlso: Power BI, *Enhanced refresh with the REST API*.
struct RefreshOptionsCheck {
    let options: RefreshOptions
    let settings: Settings

    private static let day = Duration.seconds(86_400)
    /// What the service allows an attempt when it is told nothing.
    private static let usualTimeout = Duration.seconds(5 * 3600)

    func run() throws(Diagnostic) {
        try checkNames()
        if options.isStandard { try checkStandard() } else { try checkEnhanced() }
        try checkTime()
        try checkType()
        try checkPolicy()
    }

    /// The service compares names without regard to case.
    private func checkNames() throws(Diagnostic) {
        var tables: [String: String] = [:]
        for (name, table) in settings.map("tables") {
            if name.isBlank { throw Diagnostic("a table has to have a name", at: table.origin) }
            if let other = tables.updateValue(name, forKey: name.lowercased()) {
                throw Diagnostic(
                    "'\(name)' and '\(other)' are one table to Power BI, which does not tell case apart",
                    at: table.origin,
                    hint: "keep one, with the inputs of both in 'from'"
                )
            }
            try checkPartitions(of: name, table)
        }
    }

    private func checkPartitions(of name: String, _ table: Settings) throws(Diagnostic) {
        var partitions: Set<String> = []
        for partition in try table.texts("partition") {
            let origin = table.origin(of: "partition")
            if partition.isBlank {
                throw Diagnostic("a partition has to have a name", at: origin, hint: "leave it out for the whole table")
            }
            guard partitions.insert(partition.lowercased()).inserted else {
                throw Diagnostic("the partition '\(partition)' of '\(name)' is named twice", at: origin)
            }
        }
    }

    private func checkStandard() throws(Diagnostic) {
        let hint = "a model on shared capacity is always refreshed whole; leave it out, or use capacity: dedicated"
        let names = [
            "type", "commit_mode", "max_parallelism", "retry_count", "timeout", "apply_refresh_policy",
            "effective_date", "full_above",
        ]
        for name in names where settings.has(name) {
            // What the service does anyway may be stated.
            if name == "type", options.type == .full || options.type == .automatic { continue }
            if name == "commit_mode", options.commitMode == .transactional { continue }
            throw Diagnostic("'\(name)' needs dedicated capacity", at: settings.origin(of: name), hint: hint)
        }
        for (_, table) in settings.map("tables") where table.has("partition") {
            throw Diagnostic("'partition' needs dedicated capacity", at: table.origin(of: "partition"), hint: hint)
        }
    }

    private func checkEnhanced() throws(Diagnostic) {
        if settings.has("notify_option") {
            throw Diagnostic(
                "'notify_option' is not for dedicated capacity: refreshes with options, and applications, send no mail",
                at: settings.origin(of: "notify_option"),
                hint: "leave it out"
            )
        }
        if options.fullAbove != nil, options.tables.isEmpty {
            throw Diagnostic(
                "'full_above' is a share of 'tables', and there are none",
                at: settings.origin(of: "full_above"),
                hint: "name the tables, or leave it out: the whole model is refreshed anyway"
            )
        }
        if options.partialBatchReason != nil, options.commitMode != .partialBatch {
            throw Diagnostic(
                "'partial_batch_reason' explains 'commit_mode: partial_batch', which is not set",
                at: settings.origin(of: "partial_batch_reason")
            )
        }
    }

    private func checkTime() throws(Diagnostic) {
        let origin = settings.origin(of: settings.has("timeout") ? "timeout" : "retry_count")
        if let timeout = options.timeout {
            if timeout < .seconds(1) || timeout >= Self.day {
                throw Diagnostic("'timeout' has to be at least 1s and less than 24h", at: origin)
            }
            if timeout.components.attoseconds != 0 {
                throw Diagnostic("'timeout' has to be whole seconds: Power BI reads HH:MM:SS", at: origin)
            }
        }
        let attempts = (options.retryCount ?? 0) + 1
        guard attempts > 1, (options.timeout ?? Self.usualTimeout) * attempts > Self.day else { return }
        let most = Duration.seconds(86_400 / attempts / 60 * 60)
        throw Diagnostic(
            "\(attempts) attempts of \((options.timeout ?? Self.usualTimeout).briefly) each are more than the 24 hours "
                + "after which Power BI ends a refresh",
            at: origin,
            hint: "set timeout to \(most.briefly) or less, or lower retry_count"
        )
    }

    /// A table counts as loaded when its refresh succeeds, so only a type that loads it will do.
    private func checkType() throws(Diagnostic) {
        guard !options.isStandard, !options.tables.isEmpty else { return }
        let reason: String
        switch options.type {
        case .full, .dataOnly: return
        case .automatic:
            reason =
                "loads only tables that hold no data yet, so a changed input would count as loaded without being "
                + "read"
        case .calculate, .defragment:
            reason = "loads no data, so a changed input would count as loaded without being read"
        case .clearValues:
            reason = "empties tables, and those that are named here would stay empty beside the others"
        }
        throw Diagnostic(
            "'type: \(options.type.rawValue)' does not go with 'tables': it \(reason)",
            at: settings.origin(of: "type"),
            hint: "use type: full, or leave out 'tables'"
        )
    }

    private func checkPolicy() throws(Diagnostic) {
        let namesPartition = options.tables.values.contains { !$0.partitions.isEmpty }
        if options.applyRefreshPolicy == true {
            let origin = settings.origin(of: "apply_refresh_policy")
            if options.commitMode == .partialBatch {
                throw Diagnostic(
                    "a refresh policy works only with 'commit_mode: transactional'",
                    at: origin,
                    hint: "Power BI takes such a request and fails it later; leave out one of the two"
                )
            }
            if namesPartition {
                throw Diagnostic(
                    "a refresh policy chooses the partitions itself, and this names some",
                    at: origin,
                    hint: "leave out apply_refresh_policy or the partitions"
                )
            }
        }
        guard options.effectiveDate != nil else { return }
        let reason: String
        if options.applyRefreshPolicy == false {
            reason = "'apply_refresh_policy: false' turns off"
        } else if options.commitMode == .partialBatch {
            reason = "'commit_mode: partial_batch' rules out"
        } else if namesPartition {
            reason = "the naming of partitions rules out"
        } else {
            return
        }
        throw Diagnostic(
            "'effective_date' is for a refresh policy, which \(reason)",
            at: settings.origin(of: "effective_date"),
            hint: "leave out one of the two"
        )
    }
}

extension String {
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
