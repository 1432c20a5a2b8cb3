import FreshetKit

/// Where a bucket is and who asks: all that a request to it needs beside what is asked.
struct S3Access: Sendable {
    var bucket: String
    private let base: String
    var signing: AWSSigning
    private let sessionToken: String?

    init(bucket: String, endpoint: String?, pathStyle: Bool?, signing: AWSSigning, sessionToken: String?) {
        self.bucket = bucket
        self.signing = signing
        self.sessionToken = sessionToken
        let domain = signing.region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        var server = endpoint ?? "https://s3.\(signing.region).\(domain)"
        while server.hasSuffix("/") { server.removeLast() }
        // Amazon's certificates cover one label before the host: not a bucket with a dot in its name.
        let isPathStyle = pathStyle ?? (endpoint != nil || bucket.contains("."))
        if isPathStyle {
            base = "\(server)/\(PercentEncoding.encode(bucket))"
        } else if let start = server.firstRange(of: "://")?.upperBound {
            base = "\(server[..<start])\(bucket).\(server[start...])"
        } else {
            base = server
        }
    }

    /// A request that is ready to be signed: encoded, its query sorted, its body hashed.
    ///
    /// An empty key stands for the bucket itself.
    func request(
        _ method: String,
        key: String = "",
        query: [(name: String, value: String)] = [],
        headers: HTTPHeaders = [:],
        body: [UInt8]? = nil
    ) -> HTTPRequest {
        var url = "\(base)/\(PercentEncoding.encode(key, keepingSlashes: true))"
        if !query.isEmpty { url += "?" + PercentEncoding.query(query) }
        var headers = headers
        headers["x-amz-content-sha256"] = SHA256.hexadecimal(of: body ?? [])
        if let sessionToken { headers["x-amz-security-token"] = sessionToken }
        return HTTPRequest(method, url, headers: headers, body: body, signing: signing)
    }
}
