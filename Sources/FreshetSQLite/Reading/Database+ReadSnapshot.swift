import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// Everything as of the moment the surrounding read began.
    func snapshot() throws -> StoreSnapshot {
        let paused = Set(try all("SELECT asset FROM pause") { PauseScope(text: try $0.next(String.self)) })
        var snapshot = StoreSnapshot(
            observations: try observations(),
            materializations: try latestMaterializations(),
            isPaused: paused.contains(.everything),
            pendingTriggers: try pendingTriggers(),
            unfinishedRuns: try unfinishedRuns(),
            lastSteps: try lastSteps()
        )
        for scope in paused {
            switch scope {
            case .everything: break
            case .asset(let key): snapshot.pauses.insert(key)
            case .sensor(let name): snapshot.pausedSensors.insert(name)
            case .schedule(let name): snapshot.pausedSchedules.insert(name)
            }
        }
        snapshot.sequence = try changePosition()
        try each("SELECT sensor, value FROM cursor") { row in
            let sensor: String = try row.next()
            snapshot.cursors[sensor] = try row.next(String.self)
        }
        try each("SELECT asset, at FROM stale_since WHERE partition = ''") { row in
            let asset = try row.key()
            snapshot.staleSince[asset] = try row.time()
        }
        snapshot.budgets = try budgets()
        try each("SELECT name, definition, answered_through FROM schedule") { row in
            let name: String = try row.next()
            snapshot.schedules[name] = ScheduleRecord(
                name: name,
                definition: try row.next(),
                answeredThrough: try row.time()
            )
        }
        // The newest tick that did not fail, found from the end of each sensor's part of the index.
        let looks = """
            SELECT name.sensor, (
                SELECT ended_at FROM tick WHERE tick.sensor = name.sensor AND status <> 'failed'
                ORDER BY sequence DESC LIMIT 1
            ) AS ended_at
            FROM (SELECT DISTINCT sensor FROM tick) AS name WHERE ended_at IS NOT NULL
            """
        try each(looks) { row in
            let sensor: String = try row.next()
            snapshot.lastLooks[sensor] = try row.time()
        }
        return snapshot
    }

    private func observations() throws -> [AssetKey: ObservationRecord] {
        var records: [AssetKey: ObservationRecord] = [:]
        let sql = "SELECT asset, \(Observation.columns), changed_at, verified_at FROM observation WHERE partition = ''"
        try each(sql) { row in
            let asset = try row.key()
            records[asset] = ObservationRecord(
                observation: try row.observation(),
                changedAt: try row.time(),
                verifiedAt: try row.time()
            )
        }
        return records
    }

    private func lastSteps() throws -> [AssetKey: StoreSnapshot.LastStep] {
        var steps: [AssetKey: StoreSnapshot.LastStep] = [:]
        let sql = """
            SELECT \(StepRecord.columns), latest_step.failures_in_a_row
            FROM latest_step JOIN step ON step.sequence = latest_step.step JOIN run ON run.sequence = step.run
            WHERE latest_step.partition = ''
            """
        try each(sql) { row in
            let step = try row.step()
            steps[step.asset] = StoreSnapshot.LastStep(step: step, failuresInARow: try row.next())
        }
        return steps
    }
}
