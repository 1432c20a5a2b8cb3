/// One HTTP answer as a value.
struct Reply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// The length to announce when it is not the body's own: HEAD answers and scripted truncation.
    var announcedLength: Int?
    /// Whether the connection closes after the body, short of the announced length.
    var isTruncated = false

    init(_ status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(_ status: Int, json: JSON, headers: [(name: String, value: String)] = []) {
        self.init(
            status,
            headers: [("content-type", "application/json; charset=utf-8")] + headers,
            body: Array(json.text.utf8)
        )
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
