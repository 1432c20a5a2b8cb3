package import FreshetCore
import FreshetFailpoints
package import FreshetKit
import GRDB
import Synchronization

/// The store in one SQLite file, on the machine's own libsqlite3.
///
/// A store that is opened to write holds the lock of the file, and has one connection that writes; see
/// ``Connections`` for why. A store that is opened to read sees every commit and changes nothing. No call blocks a
/// thread of the cooperative pool: SQLite runs on dispatch queues.
package final class SQLiteStore: RunStore {
    /// What a store is opened for.
    package enum Mode: Sendable {
        /// One process at a time, for as long as the store is open.
        case writer
        /// Any number of processes of the user that owns the file.
        case reader
    }

    private struct Resources {
        /// `nil` in a store that only reads.
        var writer: GroupCommit?
        var readers: DatabasePool?
        /// Given back last.
        var lock: StoreLock?
    }

    /// The file, without symbolic links.
    package let path: String
    private let resources: Mutex<Resources>

    private init(path: String, _ resources: consuming Resources) {
        self.path = path
        self.resources = Mutex(resources)
    }

    /// Opens a store; the writer makes it if it is not there, and brings an older one to the present format.
    ///
    /// - Parameters:
    ///   - path: the database file. Its folder is made with mode 0700, it and its companions with 0600.
    ///   - mode: whether it is to be written.
    ///   - clock: tells other processes since when the lock is held.
    /// - Returns: a store that has to be closed, or its lock stays until the process ends.
    /// - Throws: ``StoreError/held(by:)`` when another process writes; ``StoreError/newerFormat(found:known:)``;
    ///   ``StoreError/cannotOpen(path:reason:)`` for a file that is not there to be read, belongs to another user, is
    ///   on a network file system, or is of another program; ``StoreError/corrupt(_:)``.
    package static func open(
        path: String,
        mode: Mode,
        clock: any EngineClock = SystemClock()
    ) async throws(StoreError) -> SQLiteStore {
        let now = clock.now
        return try await OffPool.run { () throws(StoreError) in
            switch mode {
            case .writer: try openWriter(path: path, at: now)
            case .reader: try openReader(path: path)
            }
        }
    }

    private static func openWriter(path: String, at now: Timestamp) throws(StoreError) -> SQLiteStore {
        let files = try StoreFiles.created(at: path)
        let lock = try StoreLock(path: files.lock, at: now)
        failpoint(.lockAcquired)
        do {
            let queue = try Connections.writer(path: files.database)
            try queue.inDatabase { try checkOwner($0, path: files.database) }
            try Schema.migrator.migrate(queue)
            let writer = GroupCommit(queue, path: files.database)
            let readers = try Connections.readers(path: files.database)
            return SQLiteStore(path: files.database, Resources(writer: writer, readers: readers, lock: lock))
        } catch {
            throw StoreError(error, path: files.database)
        }
    }

    private static func openReader(path: String) throws(StoreError) -> SQLiteStore {
        let files = try StoreFiles.found(at: path)
        do {
            let readers = try Connections.readers(path: files.database)
            let version = try readers.read { db in
                try checkOwner(db, path: files.database)
                return try Schema.version(of: db)
            }
            guard version == Schema.version else {
                let reason = "it has format \(version), this version reads \(Schema.version); the daemon brings it up"
                throw StoreError.cannotOpen(path: files.database, reason: reason)
            }
            return SQLiteStore(path: files.database, Resources(writer: nil, readers: readers, lock: nil))
        } catch {
            throw StoreError(error, path: files.database)
        }
    }

    /// Refuses the database of another program, and that of a newer Freshet; marks an empty one as a store.
    private static func checkOwner(_ db: Database, path: String) throws {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id")
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
        if isEmpty, !db.configuration.readonly {
            return try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
        }
        guard application == Schema.applicationID else {
            throw StoreError.cannotOpen(path: path, reason: "it is not a store of Freshet")
        }
        let version = try Schema.version(of: db)
        guard version <= Schema.version else { throw StoreError.newerFormat(found: version, known: Schema.version) }
    }

    package func close() async {
        let taken = resources.withLock { resources in
            defer { resources = Resources() }
            return resources
        }
        guard let readers = taken.readers else { return }
        await OffPool.run {
            // Nothing is lost with a connection that only read.
            do { try readers.close() } catch {}
        }
        // After the readers: the last connection that closes empties the WAL, if it may write.
        await taken.writer?.close()
        withExtendedLifetime(taken.lock) {}
    }

    /// Runs `body` in the one transaction that is open for writing.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let (writer, isOpen) = resources.withLock { ($0.writer, $0.readers != nil) }
        guard let writer else {
            throw .failed(isOpen ? "\(path): the store is open for reading only" : "\(path): the store is closed")
        }
        return try await writer.perform(body)
    }

    /// Runs `body` in that transaction, if the writer is still the one that writes.
    func write<Value: Sendable>(
        by writer: Writer,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        try await write { db in
            try db.require(writer.epoch)
            return try body(db)
        }
    }

    /// Runs `body` in one read, so that all it sees is of one moment.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        guard let readers = resources.withLock({ $0.readers }) else { throw .failed("\(path): the store is closed") }
        let path = path
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            readers.asyncRead { db in
                do {
                    continuation.resume(returning: .success(try body(try db.get())))
                } catch {
                    continuation.resume(returning: .failure(StoreError(error, path: path)))
                }
            }
        }
        return try result.get()
    }
}

extension SQLiteStore {
    package func claim(owner: String, at now: Timestamp) async throws(StoreError) -> Epoch {
        let epoch = try await write { try $0.claim(owner: owner, at: now) }
        failpoint(.lockEpochWritten)
        return epoch
    }

    package func commit(_ tick: TickCommit, by writer: Writer) async throws(StoreError) {
        try await write(by: writer) { try $0.commit(tick) }
    }

    package func commit(_ change: TriggerCommit, by writer: Writer) async throws(StoreError) -> [TriggerID] {
        try await write(by: writer) { try $0.commit(change) }
    }

    package func begin(
        _ run: RunRecord,
        answering triggers: [TriggerID],
        by writer: Writer
    ) async throws(StoreError) {
        try await write(by: writer) { try $0.begin(run, answering: triggers) }
    }

    package func append(_ events: [RunEvent], by writer: Writer) async throws(StoreError) {
        try await write(by: writer) { db in
            var logged: Set<[String]> = []
            for event in events {
                try db.append(event)
                if case .logged(let line) = event { logged.insert([line.run, line.asset.path]) }
            }
            // However many lines there are, they are read together.
            for entry in logged { try db.note(.log, entry[1], run: entry[0]) }
        }
    }

    package func setPaused(
        _ isPaused: Bool,
        _ asset: AssetKey?,
        at now: Timestamp,
        by writer: Writer
    ) async throws(StoreError) {
        try await write(by: writer) { db in
            try db.setPaused(isPaused, asset.map { .asset($0) } ?? .everything, at: now, by: writer.actor)
            let entry = AuditEntry(isPaused ? "pauses.set" : "pauses.clear", target: asset?.path)
            try db.audit(entry, by: writer.actor, at: now)
        }
    }

    package func requestCancel(of run: RunID, at now: Timestamp, by writer: Writer) async throws(StoreError) -> Bool {
        try await write(by: writer) { db in
            guard try db.requestCancel(of: run, at: now, by: writer.actor) else { return false }
            try db.audit(AuditEntry("runs.cancel", target: run), by: writer.actor, at: now)
            return true
        }
    }

    package func perform(_ effect: Effect, by writer: Writer) async throws(StoreError) -> EffectOutcome {
        try await write(by: writer) { try $0.perform(effect, by: writer.actor) }
    }

    package func commit(
        _ operation: RemoteOperation,
        _ event: RemoteEvent,
        by writer: Writer
    ) async throws(StoreError) {
        try await write(by: writer) { try $0.commit(operation, event) }
    }

    package func snapshot() async throws(StoreError) -> StoreSnapshot { try await read { try $0.snapshot() } }

    package func runs(_ query: RunQuery) async throws(StoreError) -> [RunRecord] {
        try await read { try $0.runs(query) }
    }

    package func outcome(of effect: Effect, by actor: Actor) async throws(StoreError) -> EffectOutcome? {
        try await read { try $0.outcome(of: effect, by: actor) }
    }

    package func details(_ query: RunQuery) async throws(StoreError) -> [RunDetail] {
        try await read { try $0.details(query) }
    }

    package func finishedSteps(_ query: StepQuery) async throws(StoreError) -> [FinishedStep] {
        try await read { try $0.finishedSteps(query) }
    }

    package func changes(after sequence: Int64?, limit: Int) async throws(StoreError) -> Changes {
        try await read { try $0.changes(after: sequence, limit: limit) }
    }

    package func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditRecord] {
        try await read { try $0.audit(query) }
    }

    package func run(_ id: RunID) async throws(StoreError) -> RunDetail? { try await read { try $0.runDetail(id) } }

    package func log(_ query: LogQuery) async throws(StoreError) -> [LogRecord] { try await read { try $0.log(query) } }

    package func decisions(_ query: DecisionQuery) async throws(StoreError) -> [DecisionRecord] {
        try await read { try $0.decisions(query) }
    }

    package func ticks(_ query: TickQuery) async throws(StoreError) -> [TickRecord] {
        try await read { try $0.ticks(query) }
    }

    package func materializations(
        of asset: AssetKey,
        limit: Int
    ) async throws(StoreError) -> [MaterializationRecord] {
        try await read { try $0.materializations(of: asset, limit: limit) }
    }

    package func observations(_ query: ObservationQuery) async throws(StoreError) -> [LoggedObservation] {
        try await read { try $0.observations(query) }
    }

    package func trigger(_ id: TriggerID) async throws(StoreError) -> TriggerRecord? {
        try await read { try $0.trigger(id) }
    }

    package func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] {
        try await read { try $0.operations(on: target, limit: limit) }
    }
}
