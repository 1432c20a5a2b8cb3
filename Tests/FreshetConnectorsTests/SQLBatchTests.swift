import FreshetCore
import FreshetKit
import Synchronization
import Testing

@testable import FreshetConnectors

/// A batch before a database whose answers a test decides.
@Suite(.timeLimit(.minutes(1)))
struct `Questions that are joined into one statement` {
    private typealias Ask = SQLBatch.Ask

    /// What was asked, and how often a statement was withdrawn.
    private final class Log: Sendable {
        let asked = Mutex<[(statement: String, limit: SQLLimit)]>([])
        let withdrawn = Mutex(0)

        func note(_ statement: String, _ limit: SQLLimit) { asked.withLock { $0.append((statement, limit)) } }
    }

    private let clock = SystemClock()
    private let log = Log()

    private func batch(_ ask: @escaping Ask) -> SQLBatch {
        let log = log
        return SQLBatch(clock: clock) { statement, limit throws(SQLError) in
            log.note(statement, limit)
            return try await ask(statement, limit)
        }
    }

    @Test func `may take together what the most patient of them may take alone, and no longer than it waits`()
        async throws
    {
        let batch = batch { _, _ in SQLAnswer(columns: [], row: [.integer(1), .integer(2)]) }
        let now = clock.now
        async let one = batch.answer(
            .init(select: "SELECT 1 AS f0", width: 1),
            within: SQLLimit(timeout: .seconds(30), deadline: now + .seconds(70))
        )
        async let two = batch.answer(
            .init(select: "SELECT 2 AS f0", width: 1),
            within: SQLLimit(timeout: .seconds(20), deadline: now + .seconds(90))
        )
        #expect(try await [one.row, two.row].map(\.count) == [1, 1])
        let asked = log.asked.withLock { $0 }
        #expect(asked.map(\.limit) == [SQLLimit(timeout: .seconds(30), deadline: now + .seconds(90))])
    }

    @Test func `are asked alone when they take too long together, and the slow one stays alone`() async throws {
        let batch = batch { statement, limit throws(SQLError) in
            if statement.contains("slow") { throw .timedOut(after: limit.timeout) }
            return SQLAnswer(columns: [], row: [.integer(7)])
        }
        let limit = SQLLimit(timeout: .seconds(30), deadline: clock.now + .seconds(70))
        for round in 1...2 {
            async let slow: SQLAnswer? = try? batch.answer(.init(select: "SELECT slow AS f0", width: 1), within: limit)
            async let quick = batch.answer(.init(select: "SELECT 7 AS f0", width: 1), within: limit)
            #expect(try await quick.row == [.integer(7)])
            #expect(await slow == nil)
            #expect(log.asked.withLock { $0.count } == (round == 1 ? 3 : 5))
        }
    }

    @Test func `are withdrawn when the last who asked is gone, and not before`() async throws {
        let log = log
        let clock = clock
        let batch = batch { _, _ throws(SQLError) in
            do { try await clock.sleep(for: .seconds(50)) } catch {
                log.withdrawn.withLock { $0 += 1 }
                throw .cancelled
            }
            throw .timedOut(after: .seconds(50))
        }
        let limit = SQLLimit(timeout: .seconds(50), deadline: nil)
        let tasks = ["a", "b"].map { name in
            Task { try await batch.answer(.init(select: "SELECT \(name) AS f0", width: 1), within: limit) }
        }
        while log.asked.withLock({ $0.isEmpty }) { await Task.yield() }
        tasks[0].cancel()
        await #expect(throws: SQLError.cancelled) { try await tasks[0].value }
        #expect(log.withdrawn.withLock { $0 } == 0)
        tasks[1].cancel()
        await #expect(throws: SQLError.cancelled) { try await tasks[1].value }
        while log.withdrawn.withLock({ $0 == 0 }) { await Task.yield() }
        #expect(log.asked.withLock { $0.count } == 1)
    }

    @Test func `are not sent when nobody waits for them any more`() async throws {
        let batch = batch { _, _ in SQLAnswer(columns: [], row: [.integer(1)]) }
        let limit = SQLLimit(timeout: .seconds(50), deadline: nil)
        let task = Task { try await batch.answer(.init(select: "SELECT gone AS f0", width: 1), within: limit) }
        task.cancel()
        await #expect(throws: SQLError.cancelled) { try await task.value }
        #expect(try await batch.answer(.init(select: "SELECT 1 AS f0", width: 1), within: limit).row == [.integer(1)])
        #expect(log.asked.withLock { $0.map(\.statement) } == ["SELECT 1 AS f0"])
    }
}
