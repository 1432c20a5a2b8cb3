package import FreshetCore
import FreshetKit

/// Documents of a server, read like those of a bucket: each by its path below the connection's address.
///
/// The tag is the server's `ETag`; where it sends none, the time and length of the document. It also tells where a
/// redirect led to.
extension HTTPConnection: ArtifactStore {
    /// Without an `ETag`, two writes of one length within one second look the same.
    package static let etagStrength = Strength.probable
    private static let longestDocument = 256 << 20

    package func head(_ key: String) async throws -> ArtifactHead? {
        let answer = try await ask("HEAD", key)
        switch answer.response.status {
        case 200: return try Self.head(answer, key)
        case 404, 410: return nil
        default: throw HTTPResourceError.refused(status: answer.response.status, url: key)
        }
    }

    package func get(_ key: String, ifNoneMatch etag: String?) async throws -> ArtifactAnswer {
        let answer = try await ask("GET", key, etag.map { ["If-None-Match": $0] } ?? [:])
        switch answer.response.status {
        case 200:
            let head = try Self.head(answer, key)
            return head.etag == etag ? .unchanged : .found(head, answer.response.body)
        case 304: return .unchanged
        case 404, 410: return .missing
        default: throw HTTPResourceError.refused(status: answer.response.status, url: key)
        }
    }

    package func read<Reader: ArtifactReader>(
        _ key: String,
        ifNoneMatch etag: String?,
        into reader: Reader
    ) async throws -> ArtifactReading<Reader> {
        do {
            let ranges = RangedRead { headers in
                let answer = try await ask("GET", key, headers)
                var response = answer.response
                if let tag = response.headers["ETag"] {
                    response.headers["ETag"] = HTTPPlace.sign(tag, with: answer.place)
                }
                return response
            }
            switch try await ranges.read(ifNoneMatch: etag, into: reader) {
            case .read(let head, let reader): return .read(head, reader)
            case .unchanged: return .unchanged
            case .askPlainly: break
            }
        } catch is RangedRead.ChangedWhileReading {
            throw ArtifactError.changedWhileReading(key)
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
        throw ArtifactError.noList(prefix: query.prefix)
    }

    private func ask(_ method: String, _ key: String, _ headers: HTTPHeaders = [:]) async throws -> Answer {
        let path = PercentEncoding.encode(key, keepingSlashes: true)
        var ask = Ask(method: method, path: path, headers: headers, maxBodySize: Self.longestDocument)
        for name in ["If-Match", "If-None-Match"] {
            guard let text = headers[name] else { continue }
            ask.headers[name] = nil
            let (tag, place) = HTTPPlace.parts(of: text)
            ask.conditions[name] = tag
            ask.place = place
        }
        let answer = try await send(ask)
        if answer.response.status == 401 || answer.response.status == 403 { await refused() }
        return answer
    }

    private static func head(_ answer: Answer, _ key: String) throws(ArtifactError) -> ArtifactHead {
        let response = answer.response
        let size = response.headers["Content-Length"].flatMap { Int64($0) } ?? Int64(response.body.count)
        let modified = response.headers["Last-Modified"]
        guard let tag = response.headers["ETag"] ?? modified.map({ "\"\($0)-\(size)\"" }) else { throw .noTag(key) }
        return ArtifactHead(etag: HTTPPlace.sign(tag, with: answer.place), size: size, lastModified: modified)
    }
}
