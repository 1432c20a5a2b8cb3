private import FreshetCore

/// Which documents of a store are asked for.
package struct ArtifactQuery: Hashable, Sendable {
    /// What their keys begin with.
    package var prefix: String
    /// Only keys behind this one in the order of their bytes; it need not exist.
    package var after: String?
    /// Whether the store is asked for the id of each document's version, too, where it keeps versions.
    package var withVersions: Bool
    /// More than that many are an error, so that nothing is listed without an end.
    package var limit: Int

    package init(prefix: String = "", after: String? = nil, withVersions: Bool = false, limit: Int = 1_000_000) {
        self.prefix = prefix
        self.after = after
        self.withVersions = withVersions
        self.limit = limit
    }
}

/// A document as a listing shows it.
package struct ArtifactEntry: Hashable, Sendable {
    package var key: String
    /// Equal tags mean equal bytes; as the store writes it, quotes included.
    package var etag: String
    package var versionID: String?
    /// In bytes.
    package var size: Int64
    /// As the store writes it.
    package var lastModified: String

    package init(key: String, etag: String, versionID: String? = nil, size: Int64, lastModified: String) {
        self.key = key
        self.etag = etag
        self.versionID = versionID
        self.size = size
        self.lastModified = lastModified
    }

    /// What tells this state of the document from any other.
    var state: String {
        var fingerprint = Fingerprint()
        for part in [etag, String(size), versionID ?? ""] { fingerprint.add(part) }
        return String(fingerprint.hexadecimal.prefix(16))
    }
}

/// What a listing gave, in the order of the keys' bytes.
package struct ArtifactListing: Hashable, Sendable {
    package var entries: [ArtifactEntry]
    /// How often the store was asked for it.
    package var requests: Int

    package init(_ entries: [ArtifactEntry], requests: Int) {
        self.entries = entries
        self.requests = requests
    }
}
