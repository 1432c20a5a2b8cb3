package import FreshetCore
package import FreshetKit

/// Documents of the server, read like those of a bucket: each by its path below the base address.
///
/// The tag is the server's `ETag`; where it sends none, its time and length of the document.
extension HTTPConnection: ArtifactStore {
    /// Without an `ETag`, two writes of one length within one second look the same.
    package static let etagStrength = Strength.probable
    /// More than that is not held in memory; what is read piece by piece may be longer.
    private static let mostBytes = 512 << 20

    package func head(_ key: String) async throws -> ArtifactHead? {
        let answer = try await ask("HEAD", key)
        switch answer.response.status {
        case 200: return try Self.head(answer.response, key)
        case 404, 410: return nil
        default: throw await refusal(answer)
        }
    }

    package func get(_ key: String, ifNoneMatch etag: String?) async throws -> ArtifactAnswer {
        let answer = try await ask("GET", key, etag.map { ["If-None-Match": $0] } ?? [:])
        switch answer.response.status {
        case 200:
            let head = try Self.head(answer.response, key)
            return head.etag == etag ? .unchanged : .found(head, answer.response.body)
        case 304: return .unchanged
        case 404, 410: return .missing
        default: throw await refusal(answer)
        }
    }

    package func read<Reader: ArtifactReader>(
        _ key: String,
        ifNoneMatch etag: String?,
        into reader: Reader
    ) async throws -> ArtifactReading<Reader> {
        do {
            let ranges = RangedRead { try await ask("GET", key, $0).response }
            if let (head, reader) = try await ranges.read(ifNoneMatch: etag, into: reader) {
                return .read(head, reader)
            }
        } catch is RangedRead.ChangedWhileReading {
            throw HTTPResourceError.changedWhileReading(key)
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

    package func list(_ query: ArtifactQuery) async throws -> ArtifactListing {
        throw ArtifactError.noList(pattern: query.prefix + "*")
    }

    private func ask(_ method: String, _ key: String, _ headers: HTTPHeaders = [:]) async throws -> Answer {
        let path = PercentEncoding.encode(key, keepingSlashes: true)
        return try await send(Ask(method: method, path: path, headers: headers, maxBodySize: Self.mostBytes))
    }

    private func refusal(_ answer: Answer) async -> HTTPResourceError {
        if [401, 403].contains(answer.response.status) { await refused() }
        return .refused(status: answer.response.status, url: answer.shownURL)
    }

    private static func head(_ response: HTTPResponse, _ key: String) throws(HTTPResourceError) -> ArtifactHead {
        let size = response.headers["Content-Length"].flatMap { Int64($0) } ?? Int64(response.body.count)
        let modified = response.headers["Last-Modified"]
        guard let tag = response.headers["ETag"] ?? modified.map({ "\"\($0)-\(size)\"" }) else { throw .noTag(key) }
        return ArtifactHead(etag: tag, size: size, lastModified: modified)
    }
}
