private import FreshetCore
import FreshetKit

/// Large objects in pieces.
extension S3Connection {
    package func read<Reader: ArtifactReader>(
        _ key: String,
        ifNoneMatch etag: String?,
        into reader: Reader
    ) async throws -> ArtifactReading<Reader> {
        let access = try await access()
        let ranges = RangedRead { headers in
            var request = access.request("GET", key: key, headers: headers)
            request.timeout = .seconds(300)
            return try await send(request)
        }
        do {
            switch try await ranges.read(ifNoneMatch: etag, into: reader) {
            case .read(let head, let reader): return .read(head, reader)
            case .unchanged: return .unchanged
            // An empty object, a server without ranges, or an error, and the plain way says which.
            case .askPlainly: break
            }
        } catch is RangedRead.ChangedWhileReading {
            throw S3Error.unreadable("the object changed while it was read")
        }
        switch try await get(key, ifNoneMatch: etag) {
        case .missing: return .missing
        case .unchanged: return .unchanged
        case .found(let head, let bytes):
            var reader = reader
            try reader.read(bytes)
            return .read(head, reader)
        }
    }
}
