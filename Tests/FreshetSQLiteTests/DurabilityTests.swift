import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import GRDB
import Testing

@testable import FreshetSQLite

struct DurabilityTests {
    private let factory = SQLiteFactory()

    private func open() async throws(StoreError) -> (SQLiteStore, Writer) {
        let store = try await SQLiteStore.open(path: factory.path, mode: .writer)
        let epoch = try await store.claim(owner: "test", at: Timestamp(milliseconds: 0))
        return (store, Writer(epoch: epoch, actor: Actor("user:ana")))
    }

    private func bytes(_ suffix: String = "") throws -> Data {
        try Data(contentsOf: URL(filePath: factory.path + suffix))
    }

    @Test(.timeLimit(.minutes(2)))
    func `whatever was reported as committed survives a kill at any moment`() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var chance = SplitMix(state: seed)
        var reported: Set<RunID> = []
        for _ in 0..<4 {
            let child = try StoreWriterProcess("write", factory.path)
            for _ in 0..<Int.random(in: 1...300, using: &chance) { reported.insert(try #require(child.line())) }
            child.kill()
            while let line = child.line() { reported.insert(line) }
            // First a reader, which has to recover the WAL without writing; then the next writer.
            for mode in [SQLiteStore.Mode.reader, .writer] {
                let store = try await SQLiteStore.open(path: factory.path, mode: mode)
                let found = Set(try await store.runs(RunQuery(limit: .max)).map(\.id))
                #expect(reported.isSubset(of: found), "seed \(seed), \(mode)")
                #expect(try await store.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
                await store.close()
            }
        }
    }

    @Test func `a commit is synced before it is reported`() async throws {
        let (store, _) = try await open()
        let synchronous = try await store.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(synchronous == 2)
        await store.close()
    }

    @Test func `the connections are set up as the design says`() async throws {
        let (store, _) = try await open()
        let pragmas = ["foreign_keys", "wal_autocheckpoint", "query_only", "trusted_schema", "busy_timeout"]
        @Sendable func values(_ db: Database) throws -> [Int?] {
            try pragmas.map { try Int.fetchOne(db, sql: "PRAGMA \($0)") }
        }
        #expect(try await store.write { try values($0) } == [1, 0, 0, 0, 5000])
        #expect(try await store.read { try values($0) } == [1, 0, 1, 0, 5000])
        #expect(try await store.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        await store.close()
    }

    @Test func `a connection that reads cannot write`() async throws {
        let (store, _) = try await open()
        await #expect(throws: StoreError.self) {
            try await store.read { db in
                try db.execute(sql: "PRAGMA query_only = OFF")
                try db.execute(sql: "DELETE FROM epoch")
            }
        }
        await store.close()
    }

    @Test func `a reader leaves the database and the WAL of a dead writer as they are`() async throws {
        let child = try StoreWriterProcess("write", factory.path)
        for _ in 0..<200 { _ = try #require(child.line()) }
        child.kill()
        let (database, log) = (try bytes(), try bytes("-wal"))
        #expect(!log.isEmpty)
        let reader = try await SQLiteStore.open(path: factory.path, mode: .reader)
        #expect(try await reader.runs(RunQuery(limit: 999)).count >= 200)
        _ = try await reader.snapshot()
        _ = try await reader.decisions(DecisionQuery())
        _ = try await reader.ticks(TickQuery())
        await reader.close()
        #expect(try bytes() == database)
        #expect(try bytes("-wal") == log)
    }

    @Test func `a store that is closed in order is one file and its lock`() async throws {
        let (store, writer) = try await open()
        try await store.setPaused(true, nil, at: Timestamp(milliseconds: 1), by: writer)
        _ = try await store.snapshot()
        await store.close()
        let folder = (factory.path as NSString).deletingLastPathComponent
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(files == ["freshet.db", "freshet.db.lock"])
    }

    @Test func `a reader of a store that was closed in order leaves the database as it is`() async throws {
        let (store, writer) = try await open()
        try await store.setPaused(true, nil, at: Timestamp(milliseconds: 1), by: writer)
        await store.close()
        let database = try bytes()
        let reader = try await SQLiteStore.open(path: factory.path, mode: .reader)
        #expect(try await reader.snapshot().isPaused)
        await reader.close()
        #expect(try bytes() == database)
    }

    @Test func `the writer moves the WAL into the database as it grows`() async throws {
        let (store, writer) = try await open()
        let message = String(repeating: "x", count: 20_000)
        for index in 0..<1200 {
            let time = Timestamp(milliseconds: Int64(index))
            let tick = TickRecord(sensor: "s", status: .changed, message: message, startedAt: time, endedAt: time)
            let commit = TickCommit(tick: tick, cursor: nil, observations: [:], verified: [])
            try await store.commit(commit, by: writer)
        }
        // 24 MB were written, in pages of 4 KiB; a WAL that is never begun anew would have all of them.
        let pages = Connections.pagesBetweenCheckpoints
        #expect(try bytes("-wal").count < 2 * pages * 4120)
        #expect(try bytes().count > 16_000_000)
        await store.close()
    }
}

/// Numbers that a seed fixes (Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
