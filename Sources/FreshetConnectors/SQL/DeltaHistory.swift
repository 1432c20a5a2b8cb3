import FreshetCore
import FreshetKit

/// The history of a Delta table, read back to the last version that altered its data.
///
/// A new version does not mean new data: maintenance makes versions too, and so do writes that found nothing to write.
///
/// - SeeAlso: Delta Lake documentation, "Retrieve Delta table history", for operations and their metrics.
struct DeltaHistory: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var version: Int64
        /// In milliseconds since 1970, by the table's own log.
        var at: Int64
        var operation: String
        var parameters: [String: String] = [:]
        /// `nil` where the log has none.
        var metrics: [String: String]?
    }

    enum Verdict: Hashable, Sendable {
        /// What tells the last version with other data, and no other of any table.
        case found(String)
        /// None among those that were read, and there are older ones.
        case older
        case unknown(String)
    }

    /// How many entries are asked for, one after the other.
    static let depths = [20, 1000]
    static let width = 1

    /// The newest first.
    var entries: [Entry]

    init(_ entries: [Entry]) { self.entries = entries.sorted { $0.version > $1.version } }

    // MARK: What it means

    /// - Parameters:
    ///   - depth: how many entries were asked for.
    ///   - before: what was noted at the last look, if there was one.
    /// - Returns: what of the table's version can be told from these entries.
    func verdict(depth: Int, after before: [String: ObservedValue]) -> Verdict {
        guard let head = entries.first, let oldest = entries.last else {
            return .unknown("the table has no history; is it a Delta table?")
        }
        if let last = entries.first(where: \.altersData) { return .found(Self.name(last)) }
        // Nothing but maintenance since the last look: what was found then still holds.
        if case .integer(let version)? = before[Self.headNote], case .integer(let at)? = before[Self.headAtNote],
            case .text(let found)? = before[SQLMeasure.tableVersion.name],
            entries.contains(where: { $0.version == version && $0.at == at })
        {
            return .found(found)
        }
        if entries.count >= depth { return depth < Self.depths[Self.depths.count - 1] ? .older : Self.tooFar(head) }
        // All that is kept. Whatever the last change was, it is before this.
        return .found("before \(Self.name(oldest))")
    }

    func figures(_ found: String) -> SQLFigures {
        var figures = SQLFigures()
        figures.add(SQLMeasure.tableVersion.name, .text(found))
        if let head = entries.first {
            figures.notes[Self.headNote] = .integer(head.version)
            figures.notes[Self.headAtNote] = .integer(head.at)
            figures.notes["table_operation"] = .text(head.operation)
        }
        return figures
    }

    private static let headNote = "table_newest_version"
    private static let headAtNote = "table_newest_version_at"

    /// With its time: a table that was dropped and made anew counts from zero again.
    private static func name(_ entry: Entry) -> String {
        "\(entry.version) at \(Timestamp(milliseconds: entry.at).iso8601)"
    }

    private static func tooFar(_ head: Entry) -> Verdict {
        .unknown("none of the last \(depths[depths.count - 1]) versions up to \(head.version) altered data")
    }
}

extension DeltaHistory.Entry {
    /// Those that leave every row as it was, whatever their metrics say.
    private static let maintenance: Set<String> = [
        "ADD CONSTRAINT", "ANALYZE", "CHANGE COLUMN", "CHECKPOINT", "CLUSTER BY", "COMPUTE STATS", "DROP CONSTRAINT",
        "OPTIMIZE", "REORG", "SET TBLPROPERTIES", "UNSET TBLPROPERTIES", "UPGRADE PROTOCOL", "VACUUM END",
        "VACUUM START",
    ]

    /// Those that alter rows only as far as their metrics say so.
    private static let writes: Set<String> = [
        "COPY INTO", "DELETE", "MERGE", "STREAMING UPDATE", "UPDATE", "WRITE",
    ]

    /// Whether a metric is zero when a write found nothing to write; how long it took, and what it read, says nothing.
    private static func isAboutChange(_ metric: String) -> Bool {
        let name = metric.lowercased()
        guard name.hasPrefix("num") else { return false }
        if name.contains("source") || name.contains("copied") || name.contains("skipped") { return false }
        return ["row", "file", "deletionvector", "byte"].contains { name.contains($0) }
    }

    /// An operation that is not known counts as one that alters data.
    var altersData: Bool {
        let operation = operation.uppercased()
        if Self.maintenance.contains(operation) { return false }
        guard Self.writes.contains(operation), let metrics else { return true }
        // What an overwrite removed may be in none of its metrics.
        if parameters["mode"]?.lowercased() == "overwrite" { return true }
        let told = metrics.filter { Self.isAboutChange($0.key) }
        guard !told.isEmpty else { return true }
        return told.contains { Double($0.value) != 0 }
    }
}
