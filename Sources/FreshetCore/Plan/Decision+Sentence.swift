// Why, in one sentence: the command line, the API, the pages and the alerts all word a decision from here.

extension Decision {
    /// What follows the asset's name: "runs because …", "is skipped: …", "waits for …".
    ///
    /// - Parameter evidence: what was compared; without it some detail is left out.
    /// - Returns: a sentence without its subject and full stop.
    public func sentence(_ evidence: [Evidence] = []) -> String {
        switch self {
        case .run(let causes): "runs because \(Self.reasons(causes))"
        case .skip(let reason): reason.sentence(evidence)
        case .wait(let keys): "waits for \(Self.list(keys.map(\.path))) to finish"
        }
    }

    /// The reason alone, for a table: "fct_sales changed", "nothing changed in 3 inputs".
    public func reason(_ evidence: [Evidence] = []) -> String {
        switch self {
        case .run(let causes): Self.reasons(causes)
        case .skip(let reason): reason.reason(evidence)
        case .wait(let keys): "decided when \(Self.list(keys.map(\.path))) has finished"
        }
    }

    private static func reasons(_ causes: [Cause]) -> String {
        let reasons = causes.sorted().map(\.reason).unique()
        guard reasons.count > 2 else { return reasons.joined(separator: " and ") }
        return "\(reasons[0]), \(reasons[1]) and \(reasons.count - 2) more"
    }

    static func list(_ names: [String]) -> String {
        guard names.count > 3 else { return names.joined(separator: ", ") }
        return names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
    }
}

extension Cause {
    /// A clause such as "warehouse/fct_sales changed".
    public var reason: String {
        switch self {
        case .forced: "it was forced"
        case .maxSkipPassed: "max_skip has passed since the last success"
        case .dayChanged(let from, let to): "the date is \(to), and its last success is of \(from)"
        case .scheduled(let slot): "its schedule refreshes it always (slot \(slot.iso8601))"
        case .shadowed(let slot):
            "nothing changed, and shadow: refresh proves it (slot \(slot.iso8601))"
        case .neverMaterialized: "it has never been refreshed"
        case .codeChanged: "its definition changed"
        case .inputAdded(let input): "\(input.key) is new to \(input.part.isEmpty ? "it" : input.part)"
        case .inputRemoved(let input):
            "\(input.key) is no longer an input" + (input.part.isEmpty ? "" : " of \(input.part)")
        case .inputChanged(let input): "\(input.key) changed"
        case .inputUnverifiable(let input): "\(input.key) could not be verified"
        }
    }
}

extension SkipReason {
    /// What follows the asset's name.
    public func sentence(_ evidence: [Evidence] = []) -> String {
        "is \(isHeld ? "held" : "skipped"): \(reason(evidence))"
    }

    /// A clause such as "nothing changed in its 3 inputs".
    public func reason(_ evidence: [Evidence] = []) -> String {
        switch self {
        case .upToDate: return "nothing changed in \(Self.inputs(evidence))"
        case .notSelected(let branch):
            let isSame = !evidence.isEmpty && evidence.allSatisfy { $0.comparison == "same" && $0.health != .failed }
            guard isSame else { return "\(branch) did not choose it" }
            return "nothing changed in \(Self.inputs(evidence)), so \(branch) did not choose it"
        case .nothingSelected: return "no branch before it chose anything that feeds it"
        case .upstreamFailed(let key): return "\(key) failed"
        case .upstreamMissing(let key):
            let seen = evidence.first { $0.input.key == key }
            if seen?.signal == "materialization" { return "\(key) has never been refreshed" }
            guard seen?.observedAt != nil else { return "\(key) has not been looked at yet" }
            return seen?.message.map { "\(key) is not there (\($0))" } ?? "\(key) is not there"
        case .upstreamUnknown(let key): return "\(key) could not be verified, and on_unknown is hold"
        case .cancelled: return "the run was cancelled before it began"
        case .foreignRefreshRunning: return "a refresh by somebody else was running, and on_conflict is skip"
        case .quotaExhausted: return "the refreshes that shared capacity allows in 24 hours are used up"
        }
    }

    private static func inputs(_ evidence: [Evidence]) -> String {
        switch evidence.count {
        case 0: "its inputs"
        case 1: "its 1 input"
        default: "its \(evidence.count) inputs"
        }
    }

    /// Whether something stands in the way, rather than there being nothing to do.
    public var isHeld: Bool {
        switch self {
        case .upstreamFailed, .upstreamMissing, .upstreamUnknown, .foreignRefreshRunning, .quotaExhausted: true
        case .upToDate, .notSelected, .nothingSelected, .cancelled: false
        }
    }
}

extension VersionState {
    /// The version where it is known.
    public var fingerprint: String? { if case .known(let version) = self { version.fingerprint } else { nil } }

    /// The version as a person reads it.
    public var text: String {
        switch self {
        case .missing: "not there"
        case .absent: "not selected"
        case .unknown: "unknown"
        case .known(let version): version.text
        case .undecided: "being settled"
        }
    }
}

extension Evidence {
    /// Three answers: `same`, `changed`, `unknown`.
    public var comparison: String {
        switch now {
        case .known(let version): version == then ? "same" : "changed"
        case .unknown, .undecided: "unknown"
        case .missing: "missing"
        case .absent: "same"
        }
    }
}
