/// How one attempt to refresh ended.
package enum RefreshOutcome: Hashable, Sendable {
    case succeeded(RefreshReport)
    case failed(StepFailure, RefreshReport)
    /// Ended by request; false when work of ours may still run over there.
    case stopped(isRemoteStopped: Bool, RefreshReport)
    /// Nothing came of it, because this refresh by somebody else runs; its id may not be known.
    case skipped(inFavorOf: String?)
    /// Nothing was asked for, because the refreshes that the service allows in a day are used up.
    case quotaExhausted(RefreshQuota)
    /// A newer process has taken over.
    case left
}

/// What is known of the refresh behind an outcome.
package struct RefreshReport: Hashable, Sendable {
    /// `nil` when it never had one.
    package var requestID: String?
    /// True when it was found in history, not in the answer to our request.
    package var isAdopted: Bool
    /// True when somebody else's refresh had ended, after the newest change of an input, before ours was asked for.
    package var isExternal: Bool
    /// The last that was read of it.
    package var record: RefreshRecord?
    /// What of the service's answers contradicts itself, each a word such as `end_before_start`; in order.
    package var anomalies: [String]

    package init(
        requestID: String? = nil,
        isAdopted: Bool = false,
        isExternal: Bool = false,
        record: RefreshRecord? = nil,
        anomalies: [String] = []
    ) {
        self.requestID = requestID
        self.isAdopted = isAdopted
        self.isExternal = isExternal
        self.record = record
        self.anomalies = anomalies
    }

    /// From its start to its end, both by the service's clock.
    package var duration: Duration? {
        guard let start = record?.startedAt, let end = record?.endedAt, end >= start else { return nil }
        return end - start
    }
}
