internal import FreshetCore
internal import FreshetKit

/// What a token endpoint answered: that of a tenant, or that of a managed identity.
struct TokenAnswer {
    private let members: [String: JSONValue]

    /// - Returns: `nil` for anything that is not one JSON object, such as a sign-in page.
    init?(_ body: [UInt8]) {
        // A body that cannot be read is no information; the caller says so with the status beside it.
        guard let members = (try? JSONValue(parsing: body))?.object else { return nil }
        self.members = members
    }

    /// The token; `nil` when there is none, or none with an end.
    ///
    /// Managed identities write numbers as texts, and some of them tell only the moment of the end.
    func token(askedAt: Timestamp) -> Token? {
        guard let text = members["access_token"]?.text, !text.isEmpty else { return nil }
        if let life = number("expires_in") {
            return Token(text: text, obtainedAt: askedAt, expiresAt: askedAt + .seconds(life))
        }
        guard let end = number("expires_on") else { return nil }
        return Token(text: text, obtainedAt: askedAt, expiresAt: Timestamp(milliseconds: end * 1000))
    }

    /// Why there is none; `nil` when the answer does not say.
    func refusal(_ response: HTTPResponse, _ redactor: Redactor) -> EntraError? {
        guard let error = members["error"]?.text else { return nil }
        // The first line says it; trace ids and times follow.
        let text = members["error_description"]?.text ?? ""
        let message = text.prefix { !$0.isNewline }.prefix(upTo: " Trace ID:")
        let codes = (members["error_codes"]?.list ?? []).compactMap { $0.integer.flatMap { Int(exactly: $0) } }
        return .refused(
            EntraRefusal(
                status: response.status,
                error: error,
                code: codes.first { EntraRefusal.mends[$0] != nil } ?? codes.first,
                message: redactor.redact(message),
                retryAfter: response.retryAfter
            )
        )
    }

    private func number(_ name: String) -> Int64? {
        members[name]?.integer ?? members[name]?.text.flatMap { Int64($0) }
    }
}

extension HTTPResponse {
    /// In seconds, an hour at most; the form with a date is not used here.
    var retryAfter: Duration? {
        headers["Retry-After"].flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds(min($0, 3600)) : nil }
    }
}

extension Substring {
    /// What stands before the first occurrence of a text; all if there is none.
    fileprivate func prefix(upTo text: String) -> String {
        String(firstRange(of: text).map { self[..<$0.lowerBound] } ?? self)
    }
}
