package import FreshetCore
package import FreshetKit

/// Where named documents lie: a bucket, a folder.
package protocol ArtifactStore: Connection {
    /// How far its tags can be trusted to move when, and only when, a document does.
    static var etagStrength: Strength { get }

    /// What is there under a key; `nil` when there is nothing.
    ///
    /// - Throws: ``S3Error``, ``FileError``, or another error of the system behind it.
    func head(_ key: String) async throws -> ArtifactHead?

    /// The document under a key, read at once and whole.
    ///
    /// - Parameters:
    ///   - key: the object's key, or the file's path in the folder.
    ///   - etag: what the caller has already; the same is not sent again.
    /// - Returns: whether it is there, and the bytes where they are not known yet.
    /// - Throws: as ``head(_:)``; also when the document changed while it was read.
    func get(_ key: String, ifNoneMatch etag: String?) async throws -> ArtifactAnswer

    /// The document under a key, piece by piece, so that one of 100 MB is never held whole.
    ///
    /// - Parameters:
    ///   - key: the object's key, or the file's path in the folder.
    ///   - etag: what the caller has already; the same is not sent again.
    ///   - reader: what is to take the pieces.
    /// - Returns: the reader after the last piece.
    /// - Throws: as ``get(_:ifNoneMatch:)``, and what the reader throws.
    func read<Reader: ArtifactReader>(
        _ key: String,
        ifNoneMatch etag: String?,
        into reader: Reader
    ) async throws -> ArtifactReading<Reader>

    /// What there is under keys that begin alike; every page of it.
    ///
    /// - Throws: as ``head(_:)``; also when there is more than the query allows.
    func list(_ query: ArtifactQuery) async throws -> ArtifactListing
}

/// What a store tells of a document without sending it.
package struct ArtifactHead: Hashable, Sendable {
    /// Equal tags mean equal bytes; as the store writes it, quotes included.
    package var etag: String
    /// Where the store keeps former versions: which of them this is.
    package var versionID: String?
    /// In bytes.
    package var size: Int64
    /// As the store writes it.
    package var lastModified: String?

    package init(etag: String, versionID: String? = nil, size: Int64, lastModified: String? = nil) {
        self.etag = etag
        self.versionID = versionID
        self.size = size
        self.lastModified = lastModified
    }
}

/// What came of asking for a document.
package enum ArtifactAnswer: Sendable {
    case missing
    /// It is still what the caller has.
    case unchanged
    case found(ArtifactHead, [UInt8])
}

extension Connections {
    /// A connection of any kind that documents can be read from.
    func artifactStore(_ name: String) throws(ConnectionError) -> any ArtifactStore {
        guard let connection = self[name] else { throw .unknown(name) }
        guard let store = connection as? any ArtifactStore else {
            throw .wrongKind(name, is: type(of: connection).name, expected: "s3, http or file")
        }
        return store
    }
}

/// Why a store could not do what it was asked.
package enum ArtifactError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Reading it again may succeed.
    case changedWhileReading(String)
    /// It knows documents by their keys, and has no list of them.
    case noList(prefix: String)
    /// Without a tag and a time, a document that changed could not be told from one that did not.
    case noTag(String)

    package var description: String {
        switch self {
        case .changedWhileReading(let key): "'\(key)' changed while it was read"
        case .noList(let prefix):
            "an HTTP server has no list of what lies under '\(prefix)'; name one document, or use s3 or file"
        case .noTag(let key): "the server sends neither ETag nor Last-Modified for '\(key)'"
        }
    }
}
