/// The conditional headers of a request, judged against an object.
///
/// - SeeAlso: RFC 9110 §13.2.2 for the order; S3 follows it.
enum Precondition {
    enum Verdict: Hashable, Sendable {
        case proceed, notModified
        case failed(header: String)
    }

    static func judge(_ call: Call, against object: StoredObject) -> Verdict {
        // HTTP dates have whole seconds, so an object is as old as its last whole second.
        let modified = Instant(seconds: Double(object.modified.epoch))
        if let condition = call.header("if-match") {
            guard matches(condition, object.etag) else { return .failed(header: "If-Match") }
        } else if let limit = call.header("if-unmodified-since").flatMap({ Instant(http: $0) }) {
            guard modified <= limit else { return .failed(header: "If-Unmodified-Since") }
        }
        if let condition = call.header("if-none-match") {
            if matches(condition, object.etag) { return .notModified }
        } else if let limit = call.header("if-modified-since").flatMap({ Instant(http: $0) }) {
            if modified <= limit { return .notModified }
        }
        return .proceed
    }

    /// Whether a list of entity tags names `etag`; S3 also takes them without quotes.
    static func matches(_ condition: String, _ etag: String) -> Bool {
        condition.split(separator: ",").contains { item in
            var tag = item.trimmed
            if tag.hasPrefix("W/") { tag.removeFirst(2) }
            return tag == "*" || tag == etag || "\"\(tag)\"" == etag
        }
    }
}

/// One range of a `Range: bytes=…` header.
struct ByteRange: Hashable, Sendable {
    var first: Int
    /// Included.
    var last: Int

    /// The part of `size` bytes a header asks for.
    ///
    /// - Returns: nil when the header is to be ignored: absent, several ranges, or not understood.
    static func read(_ header: String?, size: Int) throws(S3Error) -> ByteRange? {
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else { return nil }
        let ends = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        switch (Int(ends[0]), Int(ends[1])) {
        case (let first?, let last?):
            guard first <= last else { return nil }
            guard first < size else { throw .invalidRange }
            return ByteRange(first: first, last: min(last, size - 1))
        case (let first?, nil) where ends[1].isEmpty:
            guard first < size else { throw .invalidRange }
            return ByteRange(first: first, last: size - 1)
        case (nil, let count?) where ends[0].isEmpty:
            guard count > 0, size > 0 else { throw .invalidRange }
            return ByteRange(first: max(0, size - count), last: size - 1)
        default: return nil
        }
    }
}
