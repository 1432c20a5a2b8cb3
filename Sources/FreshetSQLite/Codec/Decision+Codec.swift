import FreshetCore

/// A skip reason as two columns: its code, and the asset that it names.
struct SkipColumns: Hashable {
    var code: String
    var asset: String?

    init(code: String, asset: String?) {
        self.code = code
        self.asset = asset
    }

    init(_ reason: SkipReason) {
        code = reason.code
        asset =
            switch reason {
            case .upToDate, .nothingSelected, .cancelled, .foreignRefreshRunning, .quotaExhausted: nil
            case .notSelected(let key), .upstreamFailed(let key), .upstreamMissing(let key),
                .upstreamUnknown(let key):
                key.path
            }
    }

    func reason() throws(CodecError) -> SkipReason {
        switch code {
        case "up_to_date": return .upToDate
        case "nothing_selected": return .nothingSelected
        case "cancelled": return .cancelled
        case "foreign_refresh_running": return .foreignRefreshRunning
        case "quota_exhausted": return .quotaExhausted
        case "not_selected": return .notSelected(byBranch: try key())
        case "upstream_failed": return .upstreamFailed(try key())
        case "upstream_missing": return .upstreamMissing(try key())
        case "upstream_unknown": return .upstreamUnknown(try key())
        default: throw .unknownWord(code, of: "skip reason")
        }
    }

    private func key() throws(CodecError) -> AssetKey {
        guard let asset else { throw .malformed(code, of: "skip reason") }
        return AssetKey(asset)
    }
}

/// A decision as three columns: what it was, its reason code for queries, and the rest of it as JSON.
struct DecisionColumns: Hashable {
    var outcome: String
    var reasonCode: String
    var detail: String

    init(outcome: String, reasonCode: String, detail: String) {
        self.outcome = outcome
        self.reasonCode = reasonCode
        self.detail = detail
    }

    init(_ decision: Decision) {
        reasonCode = decision.code
        switch decision {
        case .run(let causes):
            outcome = "run"
            detail = Cause.write(causes)
        case .skip(let reason):
            outcome = "skip"
            detail = NameList.write([SkipColumns(reason).asset].compactMap { $0 })
        case .wait(let keys):
            outcome = "wait"
            detail = NameList.write(keys.map(\.path))
        }
    }

    func decision() throws(CodecError) -> Decision {
        switch outcome {
        case "run": return .run(try Cause.read(detail))
        case "skip": return .skip(try SkipColumns(code: reasonCode, asset: try NameList.read(detail).first).reason())
        case "wait": return .wait(on: try NameList.readKeys(detail))
        default: throw .unknownWord(outcome, of: "decision")
        }
    }
}
