private import FreshetCore
import FreshetKit

/// Large objects in pieces, and lists as documents.
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
            do throws(HTTPError) {
                return try await surroundings.transport.send(request)
            } catch {
                throw S3Error.noAnswer(error)
            }
        }
        do {
            if let (head, reader) = try await ranges.read(ifNoneMatch: etag, into: reader) {
                return .read(head, reader)
            }
        } catch is RangedRead.ChangedWhileReading {
            throw S3Error.unreadable("the object changed while it was read")
        }
        // A server without ranges, an empty object, one that is known, or an error: the plain way says which.
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
