/// A bucket and every version of its objects.
struct Bucket: Sendable {
    var name: String
    var created: Instant
    var isVersioned: Bool
    /// Newest last; without versioning at most one.
    private(set) var versions: [ObjectKey: [StoredObject]] = [:]

    init(name: String, created: Instant, isVersioned: Bool) {
        self.name = name
        self.created = created
        self.isVersioned = isVersioned
    }

    /// The keys that have an object now, in order.
    var keys: [ObjectKey] {
        versions.filter { $0.value.last?.isDeleteMarker == false }.keys.sorted()
    }

    /// The newest version of an object; nil when there is none or it was deleted.
    func object(_ key: ObjectKey) -> StoredObject? {
        guard let newest = versions[key]?.last, !newest.isDeleteMarker else { return nil }
        return newest
    }

    func object(_ key: ObjectKey, version: String) -> StoredObject? {
        versions[key]?.last { ($0.versionID ?? "null") == version }
    }

    mutating func put(_ object: StoredObject, at key: ObjectKey) {
        if isVersioned {
            versions[key, default: []].append(object)
        } else {
            versions[key] = [object]
        }
    }

    mutating func delete(_ key: ObjectKey, version: String? = nil) {
        if let version {
            versions[key]?.removeAll { ($0.versionID ?? "null") == version }
            if versions[key]?.isEmpty == true { versions[key] = nil }
        } else {
            versions[key] = nil
        }
    }

    /// The naming rules that matter here (S3 user guide, "Bucket naming rules").
    static func isValid(name: String) -> Bool {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
        return allowed && (3...63).contains(name.utf8.count)
    }
}

/// One version of an object.
struct StoredObject: Sendable {
    var content: [UInt8]
    var etag: String
    var modified: Instant
    /// Nil in a bucket without versioning.
    var versionID: String?
    /// The headers kept with it: Content-Type, x-amz-meta-*, checksums and the like.
    var headers: [(name: String, value: String)]
    var isDeleteMarker = false

    init(content: [UInt8], modified: Instant, versionID: String?, headers: [(name: String, value: String)]) {
        self.content = content
        etag = "\"" + Digest.hex(Digest.md5(content)) + "\""
        self.modified = modified
        self.versionID = versionID
        self.headers = headers
    }

    static func deleteMarker(at now: Instant, versionID: String) -> StoredObject {
        var marker = StoredObject(content: [], modified: now, versionID: versionID, headers: [])
        marker.isDeleteMarker = true
        return marker
    }
}
