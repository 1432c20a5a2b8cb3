/// Why a refresh failed, picked out of everything that the service says about it, and what follows for the next attempt.
package struct RootCause: Hashable, Sendable {
    /// The service's own code, where there is one.
    package var code: String?
    /// One line in the service's words.
    package var message: String
    package var failureCode: FailureCode
    package var retry: RetryClass
    /// What a person can do about it, or what is behind it; `nil` where the message says all there is.
    package var mend: String?

    /// The message, and what to do.
    package var sentence: String { mend.map { "\(message); \($0)" } ?? message }

    /// - Returns: `nil` when the record says nothing but that it failed.
    package init?(of record: RefreshRecord) {
        let faults = record.attempts.reversed().compactMap(\.fault) + [record.fault].compactMap { $0 }
        let messages = record.messages.filter { $0.severity?.lowercased() != "warning" }
        let lines =
            messages.flatMap { Self.lines($0.text, code: $0.code) }
            + faults.flatMap { Self.lines($0.description ?? "") }
        // The engine reports each command that a failure takes down with it; the first other line is the cause.
        let line = lines.first { !$0.isConsequence } ?? lines.first
        code = faults.compactMap(\.code).first ?? line?.code
        guard let message = line?.text ?? code else { return nil }
        self.message = message
        let words = ([code, line?.code, message].compactMap { $0 }).joined(separator: "\n").lowercased()
        let verdict = Self.verdict(on: words)
        (failureCode, retry, mend) = (verdict.code, verdict.retry, verdict.mend)
    }

    private struct Line {
        var code: String?
        var text: String
        var isConsequence: Bool {
            let text = text.lowercased()
            return text.contains("cancelled because another operation") || text.contains("command has been canceled")
        }
    }

    private static func lines(_ text: String, code: String? = nil) -> [Line] {
        text.split(whereSeparator: \.isNewline)
            .map { Line(code: code, text: String($0.trimmingSpaces)) }
            .filter { !$0.text.isEmpty }
    }

    private struct Verdict {
        var words: [String]
        var code: FailureCode
        var retry: RetryClass
        var mend: String?
    }

    /// Only a person can mend a credential, a lost right or a wrong request; whatever else fails may pass with time.
    ///
    /// The first that matches counts.
    private static let verdicts: [Verdict] = [
        Verdict(
            words: ["credentialsnotspecified", "invalidconnectioncredentials"],
            code: .credentials,
            retry: .never,
            mend: "enter the credentials of its data sources in the model's settings in Power BI"
        ),
        Verdict(
            words: ["oauthtokenrefreshfailed"],
            code: .credentials,
            retry: .never,
            mend: "sign in to its data sources again in the model's settings in Power BI"
        ),
        Verdict(
            words: ["premium_aswl_error"],
            code: .credentials,
            retry: .never,
            mend: "the model's owner has lost access to the workspace: give it back, or let another user take the "
                + "model over and enter the data sources' credentials again"
        ),
        Verdict(
            words: ["accessunauthorized", "datasourceaccesserror"],
            code: .credentials,
            retry: .never,
            mend: "the data source refuses the credentials stored for it: enter them again in the model's settings, "
                + "or in those of its gateway connection"
        ),
        // The service accepts a contradictory request and fails it afterwards.
        Verdict(words: ["refreshapirequest"], code: .badRequest, retry: .never),
        Verdict(words: ["capacitynotactive"], code: .capacityPaused, retry: .later, mend: "resume the capacity"),
        Verdict(
            words: ["gatewayunreachable", "gatewaynotreachable"],
            code: .remoteFailed,
            retry: .later,
            mend: "the data gateway does not answer: see that its machine is up"
        ),
        Verdict(
            words: ["0xc11c0020", "has been evicted"],
            code: .remoteFailed,
            retry: .later,
            mend: "the capacity ran short of memory and evicted the model"
        ),
    ]

    private static func verdict(on words: String) -> Verdict {
        if let verdict = verdicts.first(where: { $0.words.contains(where: words.contains) }) { return verdict }
        if words.contains("source tables"), words.contains("do not exist") || words.contains("does not exist") {
            let mend = "the endpoint that Direct Lake reads may not know a table yet that was written a moment ago"
            return Verdict(words: [], code: .remoteFailed, retry: .later, mend: mend)
        }
        return Verdict(words: [], code: .remoteFailed, retry: .later)
    }
}

extension StringProtocol {
    var trimmingSpaces: SubSequence {
        let start = drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? start[start.endIndex...]
    }
}
