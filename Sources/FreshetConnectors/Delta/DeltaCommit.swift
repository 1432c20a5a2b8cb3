internal import FreshetCore
internal import FreshetKit

/// What one commit of a Delta table's log did.
///
/// - SeeAlso: the Delta transaction log protocol (PROTOCOL.md of delta-io/delta), "Actions" and "Commit Provenance
///   Information".
struct DeltaCommit: Hashable, Sendable {
    /// As its writer calls it, such as `WRITE` or `OPTIMIZE`; empty where it does not say.
    var operation: String
    /// Milliseconds since 1970, as its writer saw them.
    var timestamp: Int64?
    /// Whether a reader of the table may see other rows, or other columns, than before it.
    var changesData: Bool
    /// Some action could not be read: it counts as one that changes data.
    var isPartlyUnread: Bool

    /// Operations that change no row whatever else they write: layout, properties, and what keeps house.
    private static let housekeeping: Set<String> = [
        "ADD CONSTRAINT", "ANALYZE", "AUTO COMPACTION", "CLUSTER BY", "COMPUTE STATS", "DROP CONSTRAINT", "OPTIMIZE",
        "REORG", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES", "UPGRADE PROTOCOL", "VACUUM END", "VACUUM START",
    ]

    /// The numbers of rows that an operation changed, by the operation; all there and all zero means none.
    ///
    /// - SeeAlso: docs.delta.io, "Operation metrics keys".
    private static let rowCounters: [String: [String]] = [
        "DELETE": ["numDeletedRows"],
        "MERGE": ["numTargetRowsDeleted", "numTargetRowsInserted", "numTargetRowsUpdated"],
        "UPDATE": ["numUpdatedRows"],
    ]

    init(parsing bytes: [UInt8]) {
        var info: JSONValue?
        var (adds, removes) = (0, 0)
        var (rowsAreKnown, rows) = (true, Int64(0))
        var (hasSchema, isPartlyUnread) = (false, false)
        for line in bytes.split(separator: UInt8(ascii: "\n")) where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) {
            guard let action = try? JSONValue(parsing: line), let members = action.object else {
                isPartlyUnread = true
                continue
            }
            if let found = members["commitInfo"] { info = found }
            if let add = members["add"], Self.isDataChange(add) {
                adds += 1
                if let count = Self.rows(of: add) { rows += count } else { rowsAreKnown = false }
            }
            if let remove = members["remove"], Self.isDataChange(remove) { removes += 1 }
            // A table's first commit, and each that alters its columns or properties, writes its whole description.
            if members["metaData"] != nil { hasSchema = true }
            if members["cdc"] != nil { rowsAreKnown = false }
        }
        let operation = info?["operation"]?.text ?? ""
        let metrics = info?["operationMetrics"]
        self.operation = operation
        self.isPartlyUnread = isPartlyUnread
        timestamp = info?["timestamp"]?.integer
        let isHousekeeping = Self.housekeeping.contains(operation.uppercased())
        if isPartlyUnread {
            changesData = true
        } else if hasSchema, !isHousekeeping {
            changesData = true
        } else if adds + removes == 0 {
            changesData = false
        } else if isHousekeeping {
            // Its own flags contradict it: believe what costs a look too many rather than one too few.
            changesData = true
        } else if let counters = Self.rowCounters[operation.uppercased()] {
            // Rows that were copied unchanged into new files do not count.
            changesData = !counters.allSatisfy { Self.count($0, in: metrics) == 0 }
        } else {
            // An append of nothing; anything that takes files away may take rows away.
            changesData = removes > 0 || !rowsAreKnown || rows > 0
        }
    }

    /// The flag is required by the protocol; where it is missing all the same, the action counts.
    private static func isDataChange(_ action: JSONValue) -> Bool { action["dataChange"]?.boolean ?? true }

    /// The number of rows in an added file, where its statistics tell.
    private static func rows(of add: JSONValue) -> Int64? {
        guard let text = add["stats"]?.text, let stats = try? JSONValue(parsing: text) else { return nil }
        return stats["numRecords"]?.integer
    }

    /// Writers put these numbers as texts.
    private static func count(_ name: String, in metrics: JSONValue?) -> Int64? {
        guard let value = metrics?[name] else { return nil }
        return value.integer ?? value.text.flatMap { Int64($0) }
    }
}
