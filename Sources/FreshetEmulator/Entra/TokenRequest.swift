/// A client-credentials request, as sent.
struct TokenRequest: Sendable {
    /// The two forms of the endpoint: v1 names a `resource`, v2 a `scope`.
    enum Version: Sendable {
        case v1, v2
    }

    var tenant: String
    var version: Version
    var grantType: String?
    var clientID: String?
    var clientSecret: String?
    /// A signed token in place of the secret.
    var assertion: String?
    var assertionType: String?
    /// The host that the request was sent to, with its port.
    var host: String
    /// The scope of v2 or the resource of v1.
    var target: String?

    init(tenant: String, version: Version, call: Call) {
        self.tenant = tenant
        self.version = version
        let form = TokenRequest.form(call)
        grantType = form["grant_type"]
        clientID = form["client_id"]
        clientSecret = form["client_secret"]
        assertion = form["client_assertion"]
        assertionType = form["client_assertion_type"]
        host = call.header("host") ?? ""
        target = form[version == .v1 ? "resource" : "scope"]
        // RFC 6749 §2.3.1: the credential may come by HTTP Basic instead, both parts form-encoded.
        if let basic = call.header("authorization"), basic.lowercased().hasPrefix("basic "),
            let pair = Base64.decoded(basic.dropFirst(6))
        {
            let parts = String(decoding: pair, as: UTF8.self).split(separator: ":", maxSplits: 1)
            clientID = clientID ?? parts.first.map { Percent.decodedText($0, form: true) }
            clientSecret = clientSecret ?? parts.dropFirst().first.map { Percent.decodedText($0, form: true) }
        }
    }

    /// The fields of a form body; the last of a repeated name wins, empty values count as absent.
    static func form(_ call: Call) -> [String: String] {
        var fields: [String: String] = [:]
        for item in String(decoding: call.body, as: UTF8.self).split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            fields[Percent.decodedText(parts[0], form: true)] = Percent.decodedText(parts[1], form: true)
        }
        return fields
    }
}
