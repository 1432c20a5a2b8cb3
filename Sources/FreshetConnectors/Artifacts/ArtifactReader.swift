/// Makes something of a document as it comes in, so that it never has to be held whole.
package protocol ArtifactReader: Sendable {
    /// Reads on; pieces come in order and may be of any size.
    mutating func read(_ piece: [UInt8]) throws
}

/// What came of reading a document piece by piece.
package enum ArtifactReading<Reader: ArtifactReader>: Sendable {
    case missing
    /// It is still what the caller has.
    case unchanged
    /// Read to its end; it did not change meanwhile.
    case read(ArtifactHead, Reader)
}

extension ArtifactStore {
    /// Reads a document at once, where the store knows nothing better.
    package func read<Reader: ArtifactReader>(
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
}
