/// An object arriving in parts, as SDKs send whatever is larger than a few megabytes.
struct MultipartUpload: Sendable {
    var key: ObjectKey
    /// The headers kept with the object to be.
    var headers: [(name: String, value: String)]
    var parts: [Int: Part] = [:]

    struct Part: Sendable {
        var content: [UInt8]
        /// The MD5 of the content, not quoted.
        var md5: [UInt8]
    }

    /// A part as the completing request lists it.
    struct Listed: Hashable, Sendable {
        var number: Int
        var etag: String
    }

    /// Joins the listed parts.
    ///
    /// - Returns: the content and its ETag, which is not an MD5 of the content: it hashes the parts' hashes and counts them.
    /// - Throws: when a part is missing, changed since or out of order.
    func joined(_ listed: [Listed]) throws(S3Error) -> (content: [UInt8], etag: String) {
        guard !listed.isEmpty else { throw .malformedXML }
        var content: [UInt8] = []
        var hashes: [UInt8] = []
        var last = 0
        for entry in listed {
            guard entry.number > last else { throw .invalidPartOrder }
            guard let part = parts[entry.number], Precondition.matches(entry.etag, part.etag) else {
                throw .invalidPart
            }
            content += part.content
            hashes += part.md5
            last = entry.number
        }
        return (content, "\"\(Digest.hex(Digest.md5(hashes)))-\(listed.count)\"")
    }
}

extension MultipartUpload.Part {
    init(_ content: [UInt8]) {
        self.content = content
        md5 = Digest.md5(content)
    }

    var etag: String { "\"\(Digest.hex(md5))\"" }
}
