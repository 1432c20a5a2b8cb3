import FreshetCore

extension ProbeCost {
    /// The column `cost`.
    var column: String { JSONText.write(json) }

    var json: JSONValue {
        JSONValue(members: [
            ("took_ms", .integer(took.inMilliseconds)), ("requests", .integer(Int64(requests))),
            ("bytes", bytes.map { .integer($0) }), ("rows", rows.map { .integer($0) }),
        ])
    }

    init(column: String) throws(CodecError) { try self.init(json: JSONText.parse(column)) }

    init(json members: JSONValue) throws(CodecError) {
        guard let took = members["took_ms"]?.integer, let requests = members["requests"]?.integer else {
            throw members.malformed("cost")
        }
        self.init(
            took: .milliseconds(took),
            requests: Int(clamping: requests),
            bytes: members["bytes"]?.integer,
            rows: members["rows"]?.integer
        )
    }
}
