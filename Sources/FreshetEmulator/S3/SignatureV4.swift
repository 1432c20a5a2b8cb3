/// AWS Signature Version 4 of one request: what the caller claims, and what it should be.
///
/// Everything is recomputed from the raw request; nothing the client computed is believed.
///
/// - SeeAlso: Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)".
struct SignatureV4: Sendable {
    var accessKeyID: String
    /// `date/region/service/aws4_request`.
    var scope: String
    /// In the order the client listed them, which must be alphabetical to verify.
    var signedHeaders: [String]
    var signature: String
    /// `20261121T072743Z`.
    var timestamp: String
    /// The value of `x-amz-content-sha256`, a hash or one of the words that replace it.
    var payload: String
    /// Seconds a presigned request is good for; nil when signed by header.
    var expires: Int?

    static let algorithm = "AWS4-HMAC-SHA256"

    /// Reads what a request claims.
    init(_ call: Call) throws(S3Error) {
        if let header = call.header("authorization") {
            try self.init(header: header, call)
        } else if call.queryValue("X-Amz-Algorithm") != nil {
            try self.init(presigned: call)
        } else {
            throw .accessDenied("Access Denied")
        }
    }

    private init(header: String, _ call: Call) throws(S3Error) {
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0] == SignatureV4.algorithm else {
            throw .invalidArgument("Unsupported Authorization Type")
        }
        var fields: [Substring: String] = [:]
        for part in words[1].split(separator: ",") {
            let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { fields[pair[0]] = pair[1].trimmed }
        }
        guard let credential = fields["Credential"], let signed = fields["SignedHeaders"],
            let signature = fields["Signature"]
        else { throw .malformedAuthorization("The authorization header that you provided is not valid.") }
        guard let timestamp = call.header("x-amz-date") else {
            throw .accessDenied("AWS authentication requires a valid Date or x-amz-date header")
        }
        guard let payload = call.header("x-amz-content-sha256") else {
            throw .invalidArgument("Missing required header for this request: x-amz-content-sha256")
        }
        (accessKeyID, scope) = try SignatureV4.split(credential: credential)
        signedHeaders = signed.split(separator: ";").map(String.init)
        self.signature = signature
        self.timestamp = timestamp
        self.payload = payload
    }

    private init(presigned call: Call) throws(S3Error) {
        guard let credential = call.queryValue("X-Amz-Credential"),
            let signed = call.queryValue("X-Amz-SignedHeaders"),
            let signature = call.queryValue("X-Amz-Signature"),
            let timestamp = call.queryValue("X-Amz-Date"),
            let expires = call.queryValue("X-Amz-Expires").flatMap({ Int($0) }), (1...604_800).contains(expires)
        else { throw .malformedAuthorization("Query-string authentication requires the X-Amz-* parameters") }
        (accessKeyID, scope) = try SignatureV4.split(credential: credential)
        signedHeaders = signed.split(separator: ";").map(String.init)
        self.signature = signature
        self.timestamp = timestamp
        self.expires = expires
        payload = call.header("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD"
    }

    private static func split(credential: String) throws(S3Error) -> (String, String) {
        // An access key id may itself contain slashes; the scope is always the last four parts.
        let parts = credential.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 5, parts.last == "aws4_request" else {
            throw .malformedAuthorization("The authorization header is malformed; the Credential is mal-formed.")
        }
        return (parts.dropLast(4).joined(separator: "/"), parts.suffix(4).joined(separator: "/"))
    }

    var region: String { scope.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// The request in the one form both sides hash.
    func canonicalRequest(_ call: Call) -> String {
        // S3 escapes each decoded segment once and does not resolve dots or doubled slashes.
        let path = call.path.split(separator: "/", omittingEmptySubsequences: false)
            .map { Percent.encoded(Percent.decoded($0)) }
            .joined(separator: "/")
        let query = call.rawQuery.split(separator: "&")
            .map { item -> (String, String) in
                let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let value = parts.count > 1 ? parts[1] : ""
                return (Percent.encoded(Percent.decoded(parts[0])), Percent.encoded(Percent.decoded(value)))
            }
            .filter { expires == nil || $0.0 != "X-Amz-Signature" }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map { "\($0.0)=\($0.1)" }
            .joined(separator: "&")
        let headers = signedHeaders.map { name in "\(name):\(SignatureV4.collapsed(call.header(name) ?? ""))\n" }
        return [
            call.method, path, query, headers.joined(), signedHeaders.joined(separator: ";"), payload,
        ].joined(separator: "\n")
    }

    func stringToSign(_ call: Call) -> String {
        let hash = Digest.hex(Digest.sha256(Array(canonicalRequest(call).utf8)))
        return [SignatureV4.algorithm, timestamp, scope, hash].joined(separator: "\n")
    }

    func expectedSignature(_ call: Call, secret: String) -> String {
        sign(stringToSign(call), secret: secret)
    }

    /// Signs any text in this request's scope; the chunks of a streaming upload are signed so too.
    func sign(_ text: String, secret: String) -> String {
        var key = Array(("AWS4" + secret).utf8)
        for part in scope.split(separator: "/") { key = Digest.hmacSHA256(key: key, Array(part.utf8)) }
        return Digest.hex(Digest.hmacSHA256(key: key, Array(text.utf8)))
    }

    /// Without outer spaces, and with runs of inner ones made one.
    private static func collapsed(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ")
    }
}
