/// A file of a Delta table's log, by its name.
///
/// - SeeAlso: the Delta transaction log protocol, "File Types".
enum DeltaLogFile: Hashable, Sendable {
    case commit(Int64)
    case checkpoint(Int64)
    /// Commits of a table that a catalog coordinates: they count before they lie in the log itself.
    case staged
    /// Checksums, compacted commits, sidecars and what is not known.
    case other

    static let digits = 20

    /// - Parameter name: the key behind `_delta_log/`.
    init(name: Substring) {
        if name.hasPrefix("_staged_commits/") {
            self = .staged
            return
        }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].count == Self.digits, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let version = Int64(parts[0])
        else {
            self = .other
            return
        }
        if parts.count == 2, parts[1] == "json" {
            self = .commit(version)
        } else if parts[1] == "checkpoint", let last = parts.last, last == "parquet" || last == "json" {
            self = .checkpoint(version)
        } else {
            self = .other
        }
    }

    /// The name of a version's commit, without `.json`.
    static func name(of version: Int64) -> String {
        let digits = String(version)
        return String(repeating: "0", count: max(0, Self.digits - digits.count)) + digits
    }
}
