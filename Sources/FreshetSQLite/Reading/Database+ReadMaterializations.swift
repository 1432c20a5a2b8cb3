import FreshetCore
import FreshetKit
import GRDB

extension Database {
    func materializations(of asset: AssetKey, limit: Int) throws -> [MaterializationRecord] {
        let ids = """
            SELECT sequence FROM materialization WHERE asset = ? AND partition = '' ORDER BY sequence DESC LIMIT ?
            """
        return try materializations(listedBy: ids, [asset.path, max(0, limit)]).reversed()
    }

    /// The latest of each asset.
    func latestMaterializations() throws -> [AssetKey: MaterializationRecord] {
        let ids = "SELECT materialization FROM latest_materialization WHERE partition = ''"
        var latest: [AssetKey: MaterializationRecord] = [:]
        for record in try materializations(listedBy: ids) { latest[record.materialization.asset] = record }
        return latest
    }

    /// Two scans in the same order, of the materializations and of what went into them, however many there are.
    private func materializations(
        listedBy ids: String,
        _ arguments: StatementArguments = StatementArguments()
    ) throws -> [MaterializationRecord] {
        var inputs: [Int64: [Input: DataVersion]] = [:]
        let consumed = """
            SELECT materialization, input, part, version FROM provenance
            WHERE materialization IN (\(ids)) AND version IS NOT NULL ORDER BY materialization
            """
        try each(consumed, arguments) { row in
            let sequence: Int64 = try row.next()
            let input = Input(try row.key(), part: try row.next())
            inputs[sequence, default: [:]][input] = DataVersion(try row.next())
        }
        let made = """
            SELECT made.sequence, made.asset, run.id, made.version, made.code_version, made.parts, made.started_at,
                made.at, made.data_time, made.details
            FROM materialization AS made JOIN run ON run.sequence = made.run
            WHERE made.sequence IN (\(ids)) ORDER BY made.sequence
            """
        return try all(made, arguments) { row in
            let sequence: Int64 = try row.next()
            let asset = try row.key()
            let run: RunID = try row.next()
            let version = DataVersion(try row.next())
            let provenance = Provenance(codeVersion: try row.next(), inputs: inputs[sequence] ?? [:])
            let extent = try Extent(column: try row.optional())
            return MaterializationRecord(
                materialization: Materialization(asset: asset, version: version, provenance: provenance),
                run: run,
                startedAt: try row.time(),
                at: try row.time(),
                dataTime: try row.optionalTime(),
                extent: extent,
                details: try Details.read(try row.next())
            )
        }
    }
}
