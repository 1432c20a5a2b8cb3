import FreshetKit

/// Reads a document over HTTP a range at a time, so that one of 100 MB is never held whole.
///
/// Every range is of the document that the first was of: its strong tag goes with each request, and one that changed
/// meanwhile is an error.
///
/// - SeeAlso: RFC 9110, 13.1.1 (If-Match) and 14 (ranges).
struct RangedRead {
    /// What one request asks for at most.
    private static let size = 8 << 20

    struct ChangedWhileReading: Error {}

    /// Asks for the document with further headers.
    var send: (HTTPHeaders) async throws -> HTTPResponse

    enum Outcome<Reader: ArtifactReader> {
        case read(ArtifactHead, Reader)
        case unchanged
        /// The answer is another than a range, such as from a server that knows none.
        case askPlainly
    }

    /// - Throws: ``ChangedWhileReading``, and what `send` and the reader throw.
    func read<Reader: ArtifactReader>(
        ifNoneMatch etag: String?,
        into reader: Reader
    ) async throws -> Outcome<Reader> {
        var reader = reader
        var head: ArtifactHead?
        var offset = 0
        while true {
            var headers: HTTPHeaders = ["Range": "bytes=\(offset)-\(offset + Self.size - 1)"]
            if let head { headers["If-Match"] = head.etag } else if let etag { headers["If-None-Match"] = etag }
            let response = try await send(headers)
            guard let piece = Self.piece(response) else {
                guard head == nil else { throw ChangedWhileReading() }
                return response.status == 304 ? .unchanged : .askPlainly
            }
            let known = head ?? piece
            guard known.etag == piece.etag, known.size == piece.size, !response.body.isEmpty else {
                throw ChangedWhileReading()
            }
            head = known
            try reader.read(response.body)
            offset += response.body.count
            if Int64(offset) >= known.size { return .read(known, reader) }
        }
    }

    /// What a range says of the whole.
    private static func piece(_ response: HTTPResponse) -> ArtifactHead? {
        guard response.status == 206, let tag = response.headers["ETag"], tag.hasPrefix("\""),
            let total = response.headers["Content-Range"]?.split(separator: "/").last.flatMap({ Int64($0) })
        else { return nil }
        return ArtifactHead(
            etag: tag,
            versionID: response.headers["x-amz-version-id"],
            size: total,
            lastModified: response.headers["Last-Modified"]
        )
    }
}
