package import FreshetKit
import GRDB

/// Something that must hold of a store whatever has happened, and does not.
package struct Violation: Hashable, Sendable {
    /// Such as `S8`.
    package var invariant: String
    /// What should hold.
    package var sentence: String
    /// What breaks it, one text a row.
    package var rows: [String]
}

/// Each is a question that a store in order answers with no row.
///
/// Some ask for what the schema forbids already: a file that was restored or repaired may not have been asked.
private let invariants: [(name: String, sentence: String, sql: String)] = [
    (
        "S3", "a trigger's key is there once",
        "SELECT key || ' is there ' || count(*) || ' times' FROM trigger GROUP BY key HAVING count(*) > 1"
    ),
    (
        "S3", "one run for each slot of a schedule",
        """
        SELECT kind || ' ' || targets || ' at ' || slot || ' has runs ' || group_concat(DISTINCT into_id)
        FROM trigger WHERE slot IS NOT NULL AND disposition = 'run'
        GROUP BY kind, targets, slot HAVING count(DISTINCT into_id) > 1
        """
    ),
    (
        "S4", "an answered trigger says why and when",
        """
        SELECT id || ' ' || coalesce(disposition, 'pending') FROM trigger
        WHERE (disposition IS NULL) <> (coalesce(reason, '') = '')
            OR (disposition IS NULL) <> (disposed_at IS NULL)
        """
    ),
    (
        "S4", "a trigger that became a run, or part of one, names a run that is there",
        """
        SELECT id || ' ' || disposition || ' ' || coalesce(into_id, 'nothing') FROM trigger
        WHERE disposition = 'run' AND (into_id IS NULL OR into_id NOT IN (SELECT id FROM run))
        """
    ),
    (
        "S7", "an attempt has one operation",
        """
        SELECT run.id || ' ' || asset || ' attempt ' || attempt || ' has ' || count(*)
        FROM remote_op JOIN run ON run.sequence = remote_op.run
        GROUP BY remote_op.run, asset, partition, attempt HAVING count(*) > 1
        """
    ),
    (
        "S8", "one operation in flight on each target",
        """
        SELECT target || ': ' || group_concat(id, ', ') FROM remote_op
        WHERE state IN ('prepared', 'ambiguous', 'accepted') GROUP BY target HAVING count(*) > 1
        """
    ),
    (
        "S9", "a request belongs to one operation that asked for it",
        """
        SELECT request_id || ': ' || group_concat(id, ', ') FROM remote_op
        WHERE request_id IS NOT NULL AND body_hash <> '' GROUP BY request_id HAVING count(*) > 1
        """
    ),
    (
        "S10", "what completed has a request",
        "SELECT id FROM remote_op WHERE state = 'completed' AND request_id IS NULL"
    ),
    (
        "S11", "nothing happens to an operation after its end",
        """
        SELECT remote_op.id || ': ' || group_concat(later.name, ', ')
        FROM remote_op
        JOIN remote_op_event ended ON ended.remote_op = remote_op.sequence
            AND ended.name IN ('ended', 'lost', 'left_running', 'refused', 'not_sent', 'given_up')
        JOIN remote_op_event later ON later.remote_op = remote_op.sequence AND later.sequence > ended.sequence
        GROUP BY remote_op.sequence
        """
    ),
    (
        "S11", "a run that has ended has no step that goes on",
        """
        SELECT run.id || ' ' || run.status || ': ' || step.asset || ' ' || step.status
        FROM step JOIN run ON run.sequence = step.run
        WHERE run.ended_at IS NOT NULL AND step.status IN ('queued', 'running', 'retrying')
        """
    ),
    (
        "S11", "a step that has ended has no operation in flight",
        """
        SELECT remote_op.id || ' ' || remote_op.state || ': step ' || step.status
        FROM remote_op JOIN step ON step.run = remote_op.run AND step.asset = remote_op.asset
            AND step.partition = remote_op.partition
        WHERE remote_op.state IN ('prepared', 'ambiguous', 'accepted')
            AND step.status IN ('succeeded', 'failed', 'skipped', 'cancelled')
        """
    ),
]

extension SQLiteStore {
    /// Asks everything that must hold of a store; changes nothing.
    ///
    /// - Returns: what does not hold, with the first hundred rows of each.
    /// - Throws: ``StoreError`` when the store cannot be read.
    /// - SeeAlso: docs/semantics.md.
    package func violations() async throws(StoreError) -> [Violation] {
        try await read { db in
            try invariants.compactMap { name, sentence, sql in
                let rows = try String.fetchAll(db, sql: sql + " LIMIT 100")
                return rows.isEmpty ? nil : Violation(invariant: name, sentence: sentence, rows: rows)
            }
        }
    }
}
