/// Why a refresh failed, picked out of everything that the service says about it, and what follows for the next attempt.
package struct RootCause: Hashable, Sendable {
    /// The service's own code, where there is one.
    package var code: String?
    /// One line in the service's words.
    package var message: String
    package var failureCode: FailureCode
    package var retry: RetryClass

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
        (failureCode, retry) = Self.verdict(on: words)
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

    /// Only a person can mend a credential, a lost right or a wrong request; whatever else fails may pass with time.
    private static func verdict(on words: String) -> (FailureCode, RetryClass) {
        let credentials = [
            "credentialsnotspecified", "oauthtokenrefreshfailed", "premium_aswl_error", "invalidconnectioncredentials",
            "accessunauthorized",
        ]
        if credentials.contains(where: words.contains) { return (.credentials, .never) }
        // The service accepts a contradictory request and fails it afterwards.
        if words.contains("refreshapirequest") { return (.badRequest, .never) }
        return (.remoteFailed, .later)
    }
}

extension StringProtocol {
    var trimmingSpaces: SubSequence {
        let start = drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? start[start.endIndex...]
    }
}
