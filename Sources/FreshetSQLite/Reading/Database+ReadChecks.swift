import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// The checks of each run, in the order in which they were made.
    func checks(ofRuns sequences: [Int64]) throws -> [RunID: [CheckRecord]] {
        var checks: [RunID: [CheckRecord]] = [:]
        let sql = """
            SELECT run.id, found.asset, found.name, found.severity, found.status, found.details, found.at
            FROM asset_check AS found JOIN run ON run.sequence = found.run
            WHERE found.run IN \(Self.listed) ORDER BY found.sequence
            """
        try each(sql, [Self.list(sequences)]) { row in
            let run: RunID = try row.next()
            let asset = try row.key()
            let result = try CheckResult(
                name: try row.next(),
                severity: try row.word(),
                status: try row.word(),
                document: try row.next()
            )
            checks[run, default: []].append(CheckRecord(run: run, asset: asset, result: result, at: try row.time()))
        }
        return checks
    }
}
