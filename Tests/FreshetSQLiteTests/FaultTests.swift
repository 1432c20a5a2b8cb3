import FreshetCore
import FreshetKit
import FreshetTesting
import GRDB
import Testing

@testable import FreshetSQLite

struct FaultTests {
    private let factory = SQLiteFactory()
    private let time = Timestamp(milliseconds: 1)

    private func open() async throws(StoreError) -> (SQLiteStore, Writer) {
        let store = try await SQLiteStore.open(path: factory.path, mode: .writer)
        let epoch = try await store.claim(owner: "test", at: time)
        return (store, Writer(epoch: epoch, actor: Actor("user:ana")))
    }

    @Test func `a full disk refuses the write, and the next one succeeds when there is room`() async throws {
        let (store, writer) = try await open()
        func limit(to pages: String) async throws {
            // Beside the store's own transaction, since it outlives it.
            _ = try await store.write { try Int.fetchOne($0, sql: "PRAGMA max_page_count = \(pages)") }
        }
        let message = String(repeating: "x", count: 1_000_000)
        let tick = TickRecord(sensor: "s", status: .changed, message: message, startedAt: time, endedAt: time)
        let commit = TickCommit(tick: tick, cursor: "c", observations: [:], verified: [])
        try await limit(to: "1")  // SQLite takes the present size for a smaller number.
        let error = await #expect(throws: StoreError.self) { try await store.commit(commit, by: writer) }
        #expect({ if case .full(let text) = error { text.contains(store.path) } else { false } }())
        #expect(try await store.snapshot().cursors.isEmpty)
        try await limit(to: "1000000")
        try await store.commit(commit, by: writer)
        #expect(try await store.snapshot().cursors == ["s": "c"])
        await store.close()
    }

    @Test func `an I/O error leaves open only whether a commit took place`() {
        let error = DatabaseError(resultCode: .SQLITE_IOERR_FSYNC, message: "disk I/O error")
        #expect(StoreError(error, path: "p", isCommitting: true) == .unknownOutcome("p: disk I/O error"))
        #expect(StoreError(error, path: "p") == .failed("p: disk I/O error"))
    }

    @Test func `a page that was damaged is corrupt, and the message names the file`() {
        let error = DatabaseError(resultCode: .SQLITE_CORRUPT, message: "database disk image is malformed")
        let words = "p: database disk image is malformed. Stop the daemon"
        let found = StoreError(error, path: "p")
        #expect({ if case .corrupt(let text) = found { text.hasPrefix(words) } else { false } }())
    }

    @Test func `a word that this version does not know is an error and not a crash`() async throws {
        let (store, writer) = try await open()
        try await store.setPaused(true, nil, at: time, by: writer)
        try await store.write { db in
            try db.execute(
                sql: """
                    INSERT INTO decision (asset, outcome, reason_code, detail, evidence, at, config_version, graph_hash)
                    VALUES ('a', 'run', 'full_moon', '[{"code":"full_moon"}]', '[]', 1, '', '')
                    """
            )
        }
        let error = await #expect(throws: StoreError.self) { try await store.decisions(DecisionQuery()) }
        let words = "this version does not know the cause `full_moon`; a newer Freshet may have written it"
        #expect(error == .failed("\(store.path): \(words)"))
        #expect(try await store.snapshot().isPaused)
        await store.close()
    }

    @Test func `what a person asks for is audited in the same transaction, and nothing else is`() async throws {
        let (store, writer) = try await open()
        let run = RunRecord(
            id: "r",
            trigger: .manual,
            actor: .engine,
            selected: ["a"],
            inputs: [:],
            configVersion: "c",
            graphHash: "g",
            createdAt: time
        )
        func trigger(_ kind: TriggerRecord.Kind) -> TriggerRecord {
            let id = kind.rawValue
            let bo = Actor("user:bo")
            return TriggerRecord(id: id, key: id, kind: kind, actor: bo, targets: [], createdAt: time, dueAt: time)
        }
        let change = TriggerCommit(triggers: TriggerRecord.Kind.allCases.map(trigger))
        for _ in 0..<2 { _ = try await store.commit(change, by: writer) }
        try await store.begin(run, answering: [], by: writer)
        _ = try await store.requestCancel(of: "r", at: time, by: writer)
        _ = try await store.requestCancel(of: "no such run", at: time, by: writer)
        try await store.setPaused(true, "a", at: time, by: writer)
        try await store.setPaused(false, nil, at: time, by: writer)
        let rows = try await store.read { db in
            try String.fetchAll(
                db,
                sql: "SELECT actor || ' ' || action || ' ' || subject FROM audit ORDER BY sequence"
            )
        }
        #expect(
            rows == [
                "user:bo runs.create manual", "user:bo runs.retry retry", "user:ana runs.cancel r", "user:ana pauses.set a",
                "user:ana pauses.clear ",
            ]
        )
        await store.close()
    }

    @Test(arguments: [
        "UPDATE run SET status = 'running', ended_at = NULL",
        "UPDATE run SET graph_hash = 'other' WHERE ended_at IS NULL",
        "UPDATE run_target SET asset = 'other'", "UPDATE step SET status = 'running' WHERE asset = 'a'",
        "UPDATE trigger SET disposition = NULL, reason = NULL, disposed_at = NULL",
        "UPDATE materialization SET version = 'other'", "UPDATE remote_op SET state = 'accepted'",
    ])
    func `the database itself refuses to change what is final`(_ sql: String) async throws {
        let (store, writer) = try await open()
        try await store.write { db in
            try db.execute(
                sql: """
                    INSERT INTO run (id, status, trigger_kind, actor, priority, tags, config_version, graph_hash,
                        created_at, ended_at)
                    VALUES ('ended', 'failed', 'manual', 'a', 0, '{}', 'c', 'g', 1, 2),
                        ('live', 'running', 'manual', 'a', 0, '{}', 'c', 'g', 1, NULL);
                    INSERT INTO run_target (run, role, position, asset) VALUES (1, 'selected', 0, 'a');
                    INSERT INTO step (run, asset, status, attempt, causes, details)
                    VALUES (1, 'a', 'failed', 1, '[]', '{}');
                    INSERT INTO trigger (id, key, kind, actor, targets, is_forced, created_at, due_at, disposition,
                        reason, disposed_at)
                    VALUES ('t', 'k', 'manual', 'a', '[]', 0, 1, 1, 'skipped', 'up_to_date', 2);
                    INSERT INTO materialization (asset, run, version, code_version, started_at, at, details)
                    VALUES ('a', 1, 'v', '1', 1, 2, '{}');
                    INSERT INTO remote_op (id, run, asset, attempt, target, state, is_adopted, body_hash, objects,
                        known_ids, prepared_at)
                    VALUES ('o', 1, 'a', 1, 'm', 'completed', 0, '', '[]', '[]', 1);
                    """
            )
        }
        let error = await #expect(throws: StoreError.self) { try await store.write { try $0.execute(sql: sql) } }
        #expect("\(String(describing: error))".contains("change") || "\(String(describing: error))".contains("once"))
        try await store.setPaused(true, nil, at: time, by: writer)
        await store.close()
    }
}
