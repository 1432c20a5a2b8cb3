private import FreshetCore
import FreshetKit

/// Large objects in pieces, and lists as documents.
extension S3Connection {
    /// What one request asks for at most.
    private static let pieceSize = 8 << 20

    package func read<Reader: ArtifactReader>(
        _ key: String,
        ifNoneMatch etag: String?,
        into reader: Reader
    ) async throws -> ArtifactReading<Reader> {
        let access = try await access()
        var reader = reader
        var head: ArtifactHead?
        var offset = 0
        while true {
            var headers: HTTPHeaders = ["Range": "bytes=\(offset)-\(offset + Self.pieceSize - 1)"]
            // Every piece is of the object that the first was of, or there is none.
            if let head { headers["If-Match"] = head.etag } else if let etag { headers["If-None-Match"] = etag }
            var request = access.request("GET", key: key, headers: headers)
            request.timeout = .seconds(300)
            let response: HTTPResponse
            do { response = try await surroundings.transport.send(request) } catch { throw S3Error.noAnswer(error) }
            guard response.status == 206, let tag = response.headers["ETag"], !tag.isEmpty,
                let total = response.headers["Content-Range"]?.split(separator: "/").last.flatMap({ Int64($0) })
            else {
                guard head == nil else { throw S3Error.unreadable("the object changed while it was read") }
                // A server without ranges, an empty object, or an error: the plain way says which.
                return try await readWhole(key, ifNoneMatch: etag, into: reader)
            }
            let known = head ?? ArtifactHead(
                etag: tag,
                versionID: response.headers["x-amz-version-id"],
                size: total,
                lastModified: response.headers["Last-Modified"]
            )
            guard known.etag == tag, known.size == total, !response.body.isEmpty else {
                throw S3Error.unreadable("the object changed while it was read")
            }
            head = known
            try reader.read(response.body)
            offset += response.body.count
            if Int64(offset) >= total { return .read(known, reader) }
        }
    }

    private func readWhole<Reader: ArtifactReader>(
        _ key: String,
        ifNoneMatch etag: String?,
        into reader: Reader
    ) async throws -> ArtifactReading<Reader> {
        switch try await get(key, ifNoneMatch: etag) {
        case .missing: return .missing
        case .unchanged: return .unchanged
        case .found(let head, let bytes):
            var reader = reader
            try reader.read(bytes)
            return .read(head, reader)
        }
    }

    package func documents(under prefix: String) async throws -> [ListedArtifact] {
        try await list(prefix).map { object in
            let head = ArtifactHead(etag: object.etag, size: object.size, lastModified: object.lastModified)
            return ListedArtifact(key: object.key, head: head)
        }
    }
}
