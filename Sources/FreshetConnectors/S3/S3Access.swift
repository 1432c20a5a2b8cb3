import FreshetKit

/// Where a bucket is and who asks: all that a request to it needs beside what is asked.
struct S3Access: Sendable {
    var bucket: String
    private let base: String
    var signing: AWSSigning
    let key: AWSKey
    private let isRequesterPaying: Bool

    init(bucket: String, endpoint: String?, pathStyle: Bool?, region: String, key: AWSKey, requesterPays: Bool = false)
    {
        self.bucket = bucket
        self.key = key
        signing = key.signing(region: region, service: "s3")
        isRequesterPaying = requesterPays
        let server = (endpoint ?? AWSEndpoint.url("s3", region)).withoutTrailingSlashes
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
        if let token = self.key.sessionToken { headers["x-amz-security-token"] = token }
        if isRequesterPaying { headers["x-amz-request-payer"] = "requester" }
        return HTTPRequest(method, url, headers: headers, body: body, signing: signing)
    }
}
