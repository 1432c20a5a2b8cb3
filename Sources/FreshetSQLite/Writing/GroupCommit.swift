import FreshetKit
import GRDB
import Synchronization

/// The one writer: turns the calls that are ready together into one durable transaction.
///
/// A disk can make some thousand commits a second durable, whatever is in them. While one is under way, further calls
/// gather and become the next. Within it each call has a savepoint of its own: one that fails takes back only what it
/// did. A call returns when what it wrote is durable, and is carried out even if its task is cancelled meanwhile.
final class GroupCommit: Sendable {
    private struct Call: Sendable {
        /// Writes inside the transaction; what it returns is called when that is durable.
        let write: @Sendable (Database) throws -> @Sendable () -> Void
        let fail: @Sendable (StoreError) -> Void
    }
    private struct State {
        var waiting: [Call] = []
        var isWriting = false
        var isClosed = false
    }

    /// So that no caller waits long for many others.
    private static let callsInATransaction = 512

    private let queue: DatabaseQueue
    private let path: String
    private let checkpoints = Checkpoints()
    private let state = Mutex(State())

    init(_ queue: DatabaseQueue, path: String) {
        self.queue = queue
        self.path = path
        queue.inDatabase { [checkpoints] in checkpoints.watch($0) }
    }

    /// Runs `write` in a transaction, and returns when it is durable.
    func perform<Value: Sendable>(
        _ write: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            let call = Call(
                write: { db in
                    let value = try write(db)
                    return { continuation.resume(returning: .success(value)) }
                },
                fail: { continuation.resume(returning: .failure($0)) }
            )
            submit(call)
        }
        return try result.get()
    }

    /// Refuses further calls, and returns when those made before are durable.
    func close() async {
        state.withLock { $0.isClosed = true }
        // The queue is serial, so what is enqueued now comes after the writing that is under way.
        await withCheckedContinuation { continuation in
            queue.asyncWriteWithoutTransaction { [checkpoints] db in
                checkpoints.unwatch(db)
                continuation.resume()
            }
        }
        await OffPool.run { [queue] in
            // The error says only that there was nothing to close, or what the next open finds by itself.
            do { try queue.close() } catch {}
        }
    }

    private func submit(_ call: Call) {
        enum Next { case refuse, wait, write }
        let next = state.withLock { state -> Next in
            if state.isClosed { return .refuse }
            state.waiting.append(call)
            if state.isWriting { return .wait }
            state.isWriting = true
            return .write
        }
        switch next {
        case .refuse: call.fail(.failed("\(path): the store is closed"))
        case .wait: return
        case .write: queue.asyncWriteWithoutTransaction { db in self.writeAll(db) }
        }
    }

    private func writeAll(_ db: Database) {
        while let calls = take() {
            let answers = commit(calls, db)
            for answer in answers { answer() }
            checkpoints.afterCommit(db)
        }
    }

    private func take() -> [Call]? {
        state.withLock { state in
            let calls = Array(state.waiting.prefix(Self.callsInATransaction))
            state.waiting.removeFirst(calls.count)
            if calls.isEmpty { state.isWriting = false }
            return calls.isEmpty ? nil : calls
        }
    }

    /// - Returns: one answer for each call, to be given now.
    private func commit(_ calls: [Call], _ db: Database) -> [@Sendable () -> Void] {
        var isCommitting = false
        do {
            var answers: [@Sendable () -> Void] = []
            try db.beginTransaction(.immediate)
            for call in calls { answers.append(try attempt(call, db)) }
            isCommitting = true
            try db.commit()
            return answers
        } catch {
            let failure = StoreError(error, path: path, isCommitting: isCommitting)
            if db.isInsideTransaction {
                // Nothing is kept if this fails too: the connection goes on with what is durable.
                do { try db.rollback() } catch {}
            }
            return calls.map { call in { call.fail(failure) } }
        }
    }

    /// - Throws: what ended the whole transaction, such as a full disk.
    private func attempt(_ call: Call, _ db: Database) throws -> @Sendable () -> Void {
        try db.run("SAVEPOINT call")
        do {
            let succeed = try call.write(db)
            try db.run("RELEASE call")
            return succeed
        } catch {
            guard db.isInsideTransaction else { throw error }
            try db.run("ROLLBACK TO call")
            try db.run("RELEASE call")
            let failure = StoreError(error, path: path)
            return { call.fail(failure) }
        }
    }
}
