package import FreshetCore
package import FreshetKit

/// Documents of an HTTP server, read like those of a bucket: each by its path below one address.
///
/// The tag is the server's `ETag`; where it sends none, its time and length of the document.
package struct HTTPArtifacts: ArtifactStore {
    package static let name = "http"
    package static let summary = "An HTTP server that documents are read from."
    /// Without an `ETag`, two writes of one length within one second look the same.
    package static let etagStrength = Strength.probable
    package static let fields = [
        Field("url", .text, required: true, "The address that keys are appended to."),
        Field("headers", .map(.secret), "What is sent with each request, such as Authorization."),
        Field("ca_file", .text, "A PEM file of the authorities to trust in place of the system's."),
    ]
    package static let examples = [
        """
        kind: http
        url: https://ci.example.com/artifacts/dbt/latest
        headers: {Authorization: "Bearer ${secret:env/CI_TOKEN}"}
        """
    ]

    private let url: String
    private let headers: [(name: String, value: String)]
    private let caFile: String?
    private let surroundings: Surroundings

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        url = try settings.requiredText("url")
        let stated = settings.object("headers")
        var headers: [(String, String)] = []
        for entry in stated.value.entries { headers.append((entry.key, try stated.text(entry.key) ?? "")) }
        self.headers = headers
        caFile = try settings.text("ca_file").map { $0.hasPrefix("/") ? $0 : "\(surroundings.root)/\($0)" }
        self.surroundings = surroundings
    }

    package func head(_ key: String) async throws -> ArtifactHead? {
        let response = try await send("HEAD", key)
        switch response.status {
        case 200: return try Self.head(response, key)
        case 404, 410: return nil
        default: throw HTTPArtifactError.refused(key, status: response.status)
        }
    }

    package func get(_ key: String, ifNoneMatch etag: String?) async throws -> ArtifactAnswer {
        let response = try await send("GET", key, etag.map { ["If-None-Match": $0] } ?? [:])
        switch response.status {
        case 200:
            let head = try Self.head(response, key)
            return head.etag == etag ? .unchanged : .found(head, response.body)
        case 304: return .unchanged
        case 404, 410: return .missing
        default: throw HTTPArtifactError.refused(key, status: response.status)
        }
    }

    package func read<Reader: ArtifactReader>(
        _ key: String,
        ifNoneMatch etag: String?,
        into reader: Reader
    ) async throws -> ArtifactReading<Reader> {
        do {
            let ranges = RangedRead { try await send("GET", key, $0) }
            if let (head, reader) = try await ranges.read(ifNoneMatch: etag, into: reader) {
                return .read(head, reader)
            }
        } catch is RangedRead.ChangedWhileReading {
            throw HTTPArtifactError.changedWhileReading(key)
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

    package func documents(under prefix: String) async throws -> [ListedArtifact] {
        throw ArtifactError.noList(pattern: prefix + "*")
    }

    private func send(_ method: String, _ key: String, _ further: HTTPHeaders = [:]) async throws -> HTTPResponse {
        var base = try await surroundings.secrets.resolve(url)
        while base.hasSuffix("/") { base.removeLast() }
        let address = "\(base)/\(PercentEncoding.encode(key, keepingSlashes: true))"
        var request = HTTPRequest(method, address, headers: further, timeout: .seconds(300), caFile: caFile)
        for (name, value) in headers { request.headers[name] = try await surroundings.secrets.resolve(value) }
        return try await surroundings.transport.send(request)
    }

    private static func head(_ response: HTTPResponse, _ key: String) throws(HTTPArtifactError) -> ArtifactHead {
        let size = response.headers["Content-Length"].flatMap { Int64($0) } ?? Int64(response.body.count)
        let modified = response.headers["Last-Modified"]
        guard let tag = response.headers["ETag"] ?? modified.map({ "\"\($0)-\(size)\"" }) else {
            throw .noTag(key)
        }
        return ArtifactHead(etag: tag, size: size, lastModified: modified)
    }
}

/// Why a document of an HTTP server could not be read.
package enum HTTPArtifactError: Error, Hashable, Sendable, CustomStringConvertible {
    case refused(String, status: Int)
    /// Without a tag and a time, a document that changed could not be told from one that did not.
    case noTag(String)
    /// Reading it again may succeed.
    case changedWhileReading(String)

    package var description: String {
        switch self {
        case .refused(let key, 401), .refused(let key, 403):
            "the server does not let '\(key)' be read; check the connection's 'headers'"
        case .refused(let key, let status): "the server answers \(status) for '\(key)'"
        case .noTag(let key): "the server sends neither ETag nor Last-Modified for '\(key)'"
        case .changedWhileReading(let key): "'\(key)' changed while it was read"
        }
    }
}
