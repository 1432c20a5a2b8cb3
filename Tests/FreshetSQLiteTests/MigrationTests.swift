import FreshetCore
import FreshetKit
import GRDB
import Testing

@testable import FreshetSQLite

struct MigrationTests {
    @Test func `a store of the first format is brought up, with all that it holds`() async throws {
        let factory = SQLiteFactory()
        var store = try await SQLiteStore.open(path: factory.path, mode: .writer)
        let epoch = try await store.claim(owner: "test", at: Timestamp(milliseconds: 0))
        let run = RunRecord(
            id: "r1",
            trigger: .manual,
            actor: .engine,
            selected: ["a"],
            inputs: [:],
            configVersion: "c",
            graphHash: "g",
            createdAt: Timestamp(milliseconds: 1)
        )
        try await store.begin(run, answering: [], by: Writer(epoch: epoch, actor: .engine))
        await store.close()
        try factory.sql { db in
            try db.execute(
                sql: """
                    DROP TABLE budget;
                    ALTER TABLE step DROP COLUMN park_count;
                    ALTER TABLE step DROP COLUMN parked_since;
                    DROP INDEX asset_check_run;
                    DROP TABLE sub_step;
                    DROP TABLE step_log;
                    ALTER TABLE observation DROP COLUMN query;
                    ALTER TABLE observation DROP COLUMN source;
                    ALTER TABLE observation DROP COLUMN cost;
                    ALTER TABLE observation_log DROP COLUMN query;
                    ALTER TABLE observation_log DROP COLUMN source;
                    ALTER TABLE observation_log DROP COLUMN cost;
                    ALTER TABLE run_input DROP COLUMN query;
                    ALTER TABLE run_input DROP COLUMN source;
                    ALTER TABLE run_input DROP COLUMN cost;
                    DROP TABLE link;
                    DROP TABLE token;
                    DROP TABLE session;
                    DROP TABLE user;
                    DROP TABLE change;
                    DROP TABLE answer;
                    DROP INDEX trigger_into;
                    DROP INDEX step_ended;
                    DROP INDEX step_asset;
                    ALTER TABLE audit DROP COLUMN outcome;
                    ALTER TABLE audit DROP COLUMN reason;
                    ALTER TABLE audit DROP COLUMN method;
                    ALTER TABLE audit DROP COLUMN address;
                    ALTER TABLE audit DROP COLUMN hash;
                    INSERT INTO audit (at, actor, action, subject) VALUES (1, 'user:ana', 'cancel', 'r1');
                    DROP TABLE schedule;
                    DROP INDEX trigger_slot;
                    DROP INDEX observation_log_time;
                    DROP INDEX decision_time;
                    ALTER TABLE run_target DROP COLUMN slot;
                    ALTER TABLE trigger DROP COLUMN trace_parent;
                    DELETE FROM grdb_migrations WHERE identifier IN ('2', '3', '4', '5', '6', '7', '8');
                    """
            )
        }
        let error = await #expect(throws: StoreError.self) {
            try await SQLiteStore.open(path: factory.path, mode: .reader)
        }
        #expect(error?.description.contains("it has format 1") == true)
        store = try await SQLiteStore.open(path: factory.path, mode: .writer)
        #expect(try await store.run("r1")?.steps == [StepRecord(run: "r1", asset: "a")])
        #expect(try await store.snapshot().budgets == [:])
        #expect(try await store.snapshot().schedules == [:])
        #expect(try await store.audit(AuditQuery()).map(\.entry) == [AuditEntry("runs.cancel", target: "r1")])
        await store.close()
    }
}
