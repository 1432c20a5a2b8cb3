import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// The result of a later attempt takes the place of an earlier one's.
    func insert(_ record: CheckRecord) throws {
        let sql = """
            INSERT INTO asset_check (asset, name, severity, is_blocking, status, run, at, details)
            SELECT ?, ?, ?, ?, ?, sequence, ?, ? FROM run WHERE id = ?
            ON CONFLICT (run, asset, partition, name) DO UPDATE SET
                severity = excluded.severity, is_blocking = excluded.is_blocking, status = excluded.status,
                at = excluded.at, details = excluded.details
            """
        let result = record.result
        let arguments: StatementArguments = [
            record.asset.path, result.name, result.severity.rawValue, result.severity == .error, result.status.rawValue,
            record.at.milliseconds, result.document, record.run,
        ]
        try run(sql, arguments)
        if changesCount == 0 { try requireRun(record.run) }
    }
}
