import FreshetCore
import FreshetKit

/// The sessions of one connection, each of which answers one question at a time.
actor PostgresSessions {
    private static let most = 3

    private struct Waiter {
        var id: Int
        var continuation: CheckedContinuation<PostgresSession?, Never>
    }

    private let redactor: Redactor
    private let clock: any EngineClock
    private var idle: [PostgresSession] = []
    private var made = 0
    private var waiting: [Waiter] = []
    private var lastID = 0

    init(redactor: Redactor, clock: any EngineClock) {
        self.redactor = redactor
        self.clock = clock
    }

    /// Asks as soon as a session is free; the statement's own time begins then.
    ///
    /// - Throws: ``SQLError``, ``SQLError/unreachable(_:)`` where none was free in time.
    func query(
        _ statement: String,
        rows: Int,
        at url: String,
        within limit: SQLLimit
    ) async throws(SQLError) -> SQLAnswer {
        let session = try await take(until: limit.deadline ?? clock.now + limit.timeout)
        defer { giveBack(session) }
        let timeout = limit.left(at: clock.now)
        guard timeout > .zero else { throw Self.busy }
        return try await session.query(statement, rows: rows, at: url, timeout: timeout)
    }

    private func take(until deadline: Timestamp) async throws(SQLError) -> PostgresSession {
        if let session = idle.popLast() { return session }
        if made < Self.most {
            made += 1
            return PostgresSession(redactor: redactor)
        }
        lastID += 1
        let id = lastID
        let timer = Task {
            do { try await clock.sleep(until: deadline) } catch { return }
            leave(id)
        }
        defer { timer.cancel() }
        let session = await withTaskCancellationHandler {
            await withCheckedContinuation { waiting.append(Waiter(id: id, continuation: $0)) }
        } onCancel: {
            Task { await self.leave(id) }
        }
        guard let session else { throw Task.isCancelled ? .cancelled : Self.busy }
        return session
    }

    private func giveBack(_ session: PostgresSession) {
        guard !waiting.isEmpty else { return idle.append(session) }
        waiting.removeFirst().continuation.resume(returning: session)
    }

    /// Ends the waiting of one who no longer wants a session; nothing where it has one already.
    private func leave(_ id: Int) {
        guard let place = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: place).continuation.resume(returning: nil)
    }

    private static let busy = SQLError.unreachable(
        "all \(most) sessions were busy with other questions for too long; look less often, or give slow tables a shorter "
            + "'timeout'"
    )
}
