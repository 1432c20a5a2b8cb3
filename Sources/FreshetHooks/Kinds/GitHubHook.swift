import FreshetCore

/// A webhook of GitHub.
///
/// - SeeAlso: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
enum GitHubHook {
    static func verify(_ request: HookRequest, _ secrets: [HookSecret]) throws(HookRefusal) -> HookDelivery {
        let signature = try request.only("X-Hub-Signature-256")
        guard signature.hasPrefix("sha256=") else { throw .badSignature }
        try secrets.require(request.body, hexadecimal: signature.dropFirst(7))
        try request.requireType("application/json")
        let event = try request.only("X-GitHub-Event")
        let action = try request.document()["action"]?.text
        return HookDelivery(
            id: try request.only("X-GitHub-Delivery"),
            // The id is not signed. Whoever repeats a body under another one is known by the body, which tells of one
            // event only; a redelivery has both as they were.
            key: "sha256:\(try request.digest)",
            type: action.map { "\(event).\($0)" } ?? event,
            isNews: event != "ping"
        )
    }
}
