/// What a run did to one node.
enum DBTOutcome: Hashable {
    /// The node was built anew.
    case built
    /// It was looked at, and left as it was.
    case unchanged
    /// It was to be built, and was not, or not wholly.
    case failed(message: String)
    /// It was not reached; `mayHaveBegun` where dbt stopped it at work.
    case skipped(message: String, mayHaveBegun: Bool)
    /// The run says that it was not about this node.
    case leftOut
    /// A word that dbt did not use when this was written.
    case unrecognized(status: String)

    /// Reads a result; `isEmptyStatement` says whether the warehouse can be believed that nothing was written.
    ///
    /// - SeeAlso: dbt-core, `RunStatus` and `NodeStatus`.
    init(of result: DBTRunResults.Result, isEmptyStatement: Bool) {
        let message = result.message?.value.flatMap(firstLine)
        switch result.status.lowercased() {
        // A clone copies another environment's table over this one: its rows may be others than before.
        case "reused" where message?.lowercased().hasPrefix("cloned") == true: self = .built
        case "no-op", "reused": self = .unchanged
        case "pass", "success", "warn":
            self = isEmptyStatement || Self.saysReused(message) ? .unchanged : .built
        case "error", "fail", "partial success", "runtime error":
            self = .failed(message: result.message?.value.flatMap(Self.summary) ?? "dbt reports '\(result.status)'")
        case "skipped": self = Self.skip(message)
        default: self = .unrecognized(status: result.status)
        }
    }

    /// Whether a success means that dbt State, or `dbt clone` on what is there already, left the table as it was.
    ///
    /// - SeeAlso: dbt-state 2.62.3, which writes `NO-OP`, also with ` (within tolerance)`, unless its option
    ///   `emit_reused_status` is on; dbt-core 1.12, `CloneRunner`, which writes `No-op`. Its `CLONE` is not among them.
    static func saysReused(_ message: String?) -> Bool {
        guard let message = message?.uppercased() else { return false }
        let words = message.hasSuffix(" (WITHIN TOLERANCE)") ? message.dropLast(19) : Substring(message)
        return words == "NO-OP"
    }

    /// dbt itself skips without a message after a failure upstream, and with one when `--fail-fast` stops the rest, of
    /// which some may be at work.
    private static func skip(_ message: String?) -> DBTOutcome {
        guard let message, message.lowercased() != "skipped" else {
            return .skipped(message: "skipped by dbt because an upstream node failed", mayHaveBegun: false)
        }
        if saysReused(message) { return .unchanged }
        let words = message.lowercased()
        if words.contains("selector") || words.contains("not selected") { return .leftOut }
        return .skipped(message: "skipped by dbt: \(message)", mayHaveBegun: true)
    }

    /// What went wrong, in one line: `Database Error in model orders (models/orders.sql)` alone says nothing.
    private static func summary(_ text: String) -> String? {
        let lines = meaningfulLines(text)
        guard let first = lines.first else { return nil }
        let line = lines.count > 1 && first.contains(" Error in ") ? "\(first): \(lines[1])" : first
        return line.count > 400 ? line.prefix(400) + "…" : line
    }
}
