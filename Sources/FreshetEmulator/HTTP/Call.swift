/// One HTTP request, whole, as a value.
///
/// The target is kept raw: SigV4 signs the bytes on the wire, and decoding first would lose which of them were escaped.
struct Call: Sendable {
    var method: String
    /// Path and query as sent, undecoded.
    var target: String
    /// Names in lower case, `host` included, in the order sent.
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// Whether it came over TLS.
    var isSecure = false

    init(_ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers.map { ($0.name.lowercased(), $0.value) }
        self.body = body
    }

    /// The path as sent, undecoded.
    var path: Substring { target.prefix { $0 != "?" } }

    /// The query as sent, undecoded, without its question mark.
    var rawQuery: Substring { target[path.endIndex...].dropFirst() }

    /// The parts of the query, decoded, in the order sent; a flag without `=` has the empty value.
    ///
    /// A plus is a space, as every service here takes it and most clients send it.
    var query: [(name: String, value: String)] {
        rawQuery.split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? Percent.decodedText(parts[1], form: true) : ""
            return (Percent.decodedText(parts[0], form: true), value)
        }
    }

    /// The path's segments, decoded, without the empty ones.
    var segments: [String] { path.split(separator: "/").map { Percent.decodedText($0) } }

    /// The values of a header joined by commas, or nil when it was not sent.
    func header(_ name: String) -> String? {
        let values = headers.lazy.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ",")
    }

    func queryValue(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// The base URL the caller used, for the absolute links in answers.
    var origin: String { (isSecure ? "https://" : "http://") + (header("host") ?? "localhost") }
}
