internal import FreshetCore

/// What a body says about why a request was not granted.
///
/// One host answers in several shapes: `{"error":{"code","message"}}` with or without `pbi.error` inside, a bare
/// `{"message"}` or `{"Message"}`, a flat `{"errorCode","message"}`, and bodies that are no JSON at all.
struct ServiceError: Hashable, Sendable {
    var code: String?
    var message: String?

    init(_ body: [UInt8]) {
        guard let wire = WireObject(parsing: body) else { return }
        let error = wire.object("error") ?? wire
        let nested = error.object("pbi.error")
        code = nested?.text("code") ?? error.text("code") ?? error.text("errorCode") ?? wire.text("error")
        let details = (nested?.objects("details") ?? []).compactMap { $0.object("detail")?.text("value") }
        message = error.text("message") ?? (details.isEmpty ? nil : details.joined(separator: "; "))
    }

    var isTokenExpired: Bool { code?.lowercased() == "tokenexpired" }
    /// The code is a general one, so the words decide.
    var isBusy: Bool { message?.lowercased().contains(anyOf: "already executing", "already in progress") ?? false }
    var isQuotaExhausted: Bool { message?.lowercased().contains("in last 24 hours exceeded") ?? false }

    var isCapacityPaused: Bool { code?.lowercased().contains("capacitynotactive") ?? false }

    /// The closed gate has a message of its own, without a code.
    private var isGateClosed: Bool { message?.lowercased().contains("not accessible for application") ?? false }

    /// What to do about a tenant that keeps applications out.
    static let gateMend =
        "an administrator of the tenant has to allow 'Service principals can call Fabric public APIs', for a group "
        + "that this application is in"

    /// One line for a person.
    func sentence(status: Int) -> String {
        let words = [code, message].compactMap { $0 }.joined(separator: ": ")
        guard !words.isEmpty else { return "the service answered with status \(status)" }
        return "\(words) (status \(status))" + (isGateClosed ? "; \(Self.gateMend)" : "")
    }
}

extension String {
    fileprivate func contains(anyOf words: String...) -> Bool { words.contains { contains($0) } }
}
