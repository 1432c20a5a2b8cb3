import FreshetCore
import FreshetKit
import GRDB

extension Database {
    func commit(_ commit: TickCommit) throws {
        try insert(commit.tick)
        try note(.tick, commit.tick.sensor, word: commit.tick.status.rawValue)
        if let cursor = commit.cursor {
            let sql = "INSERT INTO cursor VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
            try run(sql, [commit.tick.sensor, cursor])
        }
        for (asset, observation) in commit.observations {
            try keep(observation, of: asset, at: observation.observedAt ?? commit.tick.startedAt)
        }
        for asset in commit.verified {
            let sql = """
                UPDATE observation SET verified_at = max(verified_at, ?)
                WHERE asset = ? AND partition = '' AND state <> 'unknown'
                """
            try run(sql, [commit.tick.startedAt.milliseconds, asset.path])
        }
        _ = try self.commit(commit.change)
    }

    /// Looks in a row that found nothing new are one row.
    private func insert(_ tick: TickRecord) throws {
        let sql = "SELECT sequence, status FROM tick WHERE sensor = ? ORDER BY sequence DESC LIMIT 1"
        if tick.status == .unchanged, let last = try first(sql, [tick.sensor]),
            try last.decode(String.self, atIndex: 1) == TickRecord.Status.unchanged.rawValue
        {
            try run(
                "UPDATE tick SET message = ?, ended_at = ?, count = count + ? WHERE sequence = ?",
                [tick.message, tick.endedAt.milliseconds, tick.count, try last.decode(Int64.self, atIndex: 0)]
            )
        } else {
            try run(
                "INSERT INTO tick (sensor, status, message, started_at, ended_at, count) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    tick.sensor, tick.status.rawValue, tick.message, tick.startedAt.milliseconds,
                    tick.endedAt.milliseconds, tick.count,
                ]
            )
        }
    }

    /// Replaces the latest observation; goes into the log if the version or the health moved.
    private func keep(_ observation: Observation, of asset: AssetKey, at now: Timestamp) throws {
        let sql = "SELECT state, version, health FROM observation WHERE asset = ? AND partition = ''"
        let state = VersionColumns(observation.version)
        var hasMoved = true
        if let row = try first(sql, [asset.path]) {
            var last = Columns(row)
            let lastState = VersionColumns(state: try last.next(), version: try last.optional())
            let lastHealth: String = try last.next()
            hasMoved = lastState != state || lastHealth != observation.health.rawValue
        }
        let upsert = """
            INSERT INTO observation (asset, changed_at, verified_at, \(Observation.columns))
            VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            ON CONFLICT DO UPDATE SET
                changed_at = iif(?15, excluded.changed_at, changed_at),
                verified_at = iif(?16, max(verified_at, excluded.verified_at), verified_at),
                state = excluded.state, version = excluded.version, health = excluded.health,
                signal = excluded.signal, strength = excluded.strength, value_list = excluded.value_list,
                data_time = excluded.data_time, observed_at = excluded.observed_at, message = excluded.message,
                query = excluded.query, source = excluded.source, cost = excluded.cost
            """
        let isAnswer = observation.version != .unknown
        let values = observation.arguments
        try run(upsert, [asset.path, now.milliseconds] + values + [hasMoved, isAnswer])
        guard hasMoved else { return }
        let log = """
            INSERT INTO observation_log (asset, changed_at, \(Observation.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        try run(log, [asset.path, now.milliseconds] + values)
        try note(.observation, asset.path, word: observation.health.rawValue)
    }
}
