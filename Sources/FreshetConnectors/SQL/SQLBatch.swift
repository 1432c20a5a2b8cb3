import FreshetCore
import FreshetKit

/// Joins questions that arrive together into one statement, for databases that charge by the statement or by the hour.
///
/// The first question opens a window; what arrives within it goes out with it. If the statement is refused, because of
/// one of them, each is asked alone, and the one that was refused stays alone until it succeeds.
actor SQLBatch {
    /// One question: a `SELECT` of one row, its columns named `f0` and so on.
    struct Member: Hashable, Sendable {
        var select: String
        var width: Int
        var timeout: Duration
    }

    static let field = Field(
        "metered",
        .boolean,
        default: "false",
        altersWork: false,
        "Whether its statements cost money: those of one moment are joined, and nothing is polled without 'every'."
    )

    typealias Ask = @Sendable (_ statement: String, _ timeout: Duration) async throws(SQLError) -> SQLAnswer

    /// The most that are joined; a statement has its limits too.
    private static let most = 50
    static let window = Duration.milliseconds(200)

    private struct Waiter {
        var member: Member
        var continuation: CheckedContinuation<Result<SQLAnswer, SQLError>, Never>
    }

    private let clock: any EngineClock
    private let ask: Ask
    private var waiting: [Waiter] = []
    private var isOpen = false
    private var loners: Set<String> = []

    init(clock: any EngineClock, ask: @escaping Ask) {
        self.clock = clock
        self.ask = ask
    }

    /// `nil` where `metered` is not set.
    init?(from settings: Settings, _ clock: any EngineClock, ask: @escaping Ask) throws(Diagnostic) {
        guard try settings.boolean("metered") == true else { return nil }
        self.init(clock: clock, ask: ask)
    }

    /// - Throws: what the question itself deserves, never what another one in the same statement does.
    func answer(_ member: Member) async throws(SQLError) -> SQLAnswer {
        if loners.contains(member.select) { return try await alone(member) }
        let result = await withCheckedContinuation { continuation in
            waiting.append(Waiter(member: member, continuation: continuation))
            guard !isOpen else { return }
            isOpen = true
            // Not of the first question's task, which may be cancelled while others wait.
            Task { await self.close() }
        }
        if Task.isCancelled { throw .cancelled }
        return try result.get()
    }

    /// Sends what has arrived within the window.
    private func close() async {
        // Never cancelled; a clock that gives up early only makes the window shorter.
        do { try await clock.sleep(for: Self.window) } catch {}
        let due = waiting
        waiting = []
        isOpen = false
        await withDiscardingTaskGroup { group in
            for start in stride(from: 0, to: due.count, by: Self.most) {
                let part = Array(due[start..<min(start + Self.most, due.count)])
                group.addTask { await self.send(part) }
            }
        }
    }

    private func send(_ waiters: [Waiter]) async {
        // Two that ask the same share one answer.
        var members: [Member] = []
        for waiter in waiters where !members.contains(waiter.member) { members.append(waiter.member) }
        guard members.count > 1 else {
            let result = await outcome(members[0])
            for waiter in waiters { waiter.continuation.resume(returning: result) }
            return
        }
        do throws(SQLError) {
            // Their sum: what one alone may take, all may take one after the other.
            let timeout = members.map(\.timeout).reduce(.zero, +)
            let answer = try await ask(Self.statement(members), timeout)
            let answers = try Self.split(answer, among: members)
            for waiter in waiters {
                // Every waiter's question is among the members.
                waiter.continuation.resume(returning: .success(answers[waiter.member]!))
            }
        } catch  where error.isTransient {
            for waiter in waiters { waiter.continuation.resume(returning: .failure(error)) }
        } catch {
            for waiter in waiters {
                let result = await outcome(waiter.member)
                waiter.continuation.resume(returning: result)
            }
        }
    }

    private func alone(_ member: Member) async throws(SQLError) -> SQLAnswer {
        do throws(SQLError) {
            let answer = try await ask(member.select, member.timeout)
            loners.remove(member.select)
            return answer
        } catch {
            if !error.isTransient { loners.insert(member.select) }
            throw error
        }
    }

    private func outcome(_ member: Member) async -> Result<SQLAnswer, SQLError> {
        do throws(SQLError) { return .success(try await alone(member)) } catch { return .failure(error) }
    }

    /// Rows of one each, side by side: types stay what they are, which a `UNION ALL` would not let them.
    static func statement(_ members: [Member]) -> String {
        let columns = members.enumerated().flatMap { index, member in
            (0..<member.width).map { "b\(index).f\($0) AS b\(index)_f\($0)" }
        }
        let sources = members.enumerated().map { index, member in "(\(member.select)) AS b\(index)" }
        return "SELECT \(columns.joined(separator: ", ")) FROM \(sources.joined(separator: " CROSS JOIN "))"
    }

    static func split(
        _ answer: SQLAnswer,
        among members: [Member]
    ) throws(SQLError) -> [Member: SQLAnswer] {
        guard answer.row.count == members.map(\.width).reduce(0, +) else {
            throw .refused(code: "none", message: "the answer has \(answer.row.count) columns")
        }
        var rest = answer.row[...]
        var answers: [Member: SQLAnswer] = [:]
        for member in members {
            var own = SQLAnswer(columns: (0..<member.width).map { "f\($0)" }, row: Array(rest.prefix(member.width)))
            own.requests = answer.requests
            own.bytes = answer.bytes
            own.companions = members.count - 1
            answers[member] = own
            rest = rest.dropFirst(member.width)
        }
        return answers
    }
}
