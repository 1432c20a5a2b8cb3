import FreshetCore
import FreshetKit

/// Joins questions that arrive together into one statement, for databases that charge by the statement or by the hour.
///
/// The first question opens a window; what arrives within it goes out with it. If the statement is refused, because of
/// one of them, or takes too long, each is asked alone; one that fails alone too stays alone until it succeeds.
actor SQLBatch {
    /// One question: a `SELECT` of one row, its columns named `f0` and so on.
    struct Member: Hashable, Sendable {
        var select: String
        var width: Int
    }

    static let field = Field(
        "metered",
        .boolean,
        default: "false",
        altersWork: false,
        "Whether its statements cost money: those of one moment are joined, and nothing is polled without 'every'."
    )

    typealias Ask = @Sendable (_ statement: String, _ limit: SQLLimit) async throws(SQLError) -> SQLAnswer

    /// The most that are joined; a statement has its limits too.
    private static let most = 50
    static let window = Duration.milliseconds(200)

    /// Somebody who has no answer yet.
    private struct Waiter {
        var member: Member
        var limit: SQLLimit
        var continuation: CheckedContinuation<Result<SQLAnswer, SQLError>, Never>
    }

    /// A statement on its way, and those who asked for it.
    private struct Flight {
        var waiters: [Int]
        var task: Task<Void, Never>
    }

    private let clock: any EngineClock
    private let ask: Ask
    private var waiters: [Int: Waiter] = [:]
    /// Those whose question was not sent yet.
    private var due: [Int] = []
    private var flights: [Int: Flight] = [:]
    private var lastID = 0
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
    func answer(_ member: Member, within limit: SQLLimit) async throws(SQLError) -> SQLAnswer {
        if loners.contains(member.select) { return try await alone(member, limit) }
        let id = nextID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiters[id] = Waiter(member: member, limit: limit, continuation: continuation)
                due.append(id)
                guard !isOpen else { return }
                isOpen = true
                // Not of the first question's task, which may be cancelled while others wait.
                Task { await self.close() }
            }
        } onCancel: {
            Task { await self.leave(id) }
        }
        return try result.get()
    }

    private func nextID() -> Int {
        lastID += 1
        return lastID
    }

    /// Sends what has arrived within the window.
    private func close() async {
        // Never cancelled; a clock that gives up early only makes the window shorter.
        do { try await clock.sleep(for: Self.window) } catch {}
        let due = due
        self.due = []
        isOpen = false
        for start in stride(from: 0, to: due.count, by: Self.most) {
            let part = Array(due[start..<min(start + Self.most, due.count)])
            let id = nextID()
            // It begins when this turn of the actor is over, and so finds its flight noted.
            let task = Task {
                await self.send(part)
                self.flights[id] = nil
            }
            flights[id] = Flight(waiters: part, task: task)
        }
    }

    /// Answers somebody who no longer asks; a statement that nobody waits for any more is withdrawn.
    private func leave(_ id: Int) {
        guard waiters[id] != nil else { return }
        resume(id, .failure(.cancelled))
        due.removeAll { $0 == id }
        for flight in flights.values where flight.waiters.allSatisfy({ waiters[$0] == nil }) { flight.task.cancel() }
    }

    private func resume(_ id: Int, _ result: Result<SQLAnswer, SQLError>) {
        waiters.removeValue(forKey: id)?.continuation.resume(returning: result)
    }

    /// Those of a part who still wait, by what they ask: two that ask the same share one answer.
    private func questions(of part: [Int]) -> [(member: Member, limit: SQLLimit)] {
        var questions: [(member: Member, limit: SQLLimit)] = []
        for waiter in part.compactMap({ waiters[$0] }) {
            if let place = questions.firstIndex(where: { $0.member == waiter.member }) {
                questions[place].limit = questions[place].limit.longer(than: waiter.limit)
            } else {
                questions.append((waiter.member, waiter.limit))
            }
        }
        return questions
    }

    private func send(_ part: [Int]) async {
        let questions = questions(of: part)
        guard let first = questions.first else { return }
        guard questions.count > 1 else { return await sendAlone(part) }
        let members = questions.map(\.member)
        // As long as the most patient of them would wait for its own.
        let limit = questions.dropFirst().reduce(first.limit) { $0.longer(than: $1.limit) }
        do throws(SQLError) {
            let answer = try await ask(Self.statement(members), limit)
            let answers = try Self.split(answer, among: members)
            for id in part {
                guard let member = waiters[id]?.member, let answer = answers[member] else { continue }
                resume(id, .success(answer))
            }
        } catch {
            switch error {
            // Perhaps one of them alone is slow; the others shall not suffer from it.
            case .timedOut: await sendAlone(part)
            case _ where error.isTransient: for id in part { resume(id, .failure(error)) }
            default: await sendAlone(part)
            }
        }
    }

    /// Asks each question by itself, all at the same time.
    private func sendAlone(_ part: [Int]) async {
        await withDiscardingTaskGroup { group in
            for (member, limit) in questions(of: part) {
                group.addTask {
                    let result = await self.outcome(member, limit)
                    await self.resume(part, member, result)
                }
            }
        }
    }

    private func resume(_ part: [Int], _ member: Member, _ result: Result<SQLAnswer, SQLError>) {
        for id in part where waiters[id]?.member == member { resume(id, result) }
    }

    private func alone(_ member: Member, _ limit: SQLLimit) async throws(SQLError) -> SQLAnswer {
        guard limit.left(at: clock.now) > .zero else { throw .timedOut(after: limit.timeout) }
        do throws(SQLError) {
            let answer = try await ask(member.select, limit)
            loners.remove(member.select)
            return answer
        } catch {
            // Neither one that is refused nor a slow one shall keep the others waiting again.
            let isSlow = if case .timedOut = error { true } else { false }
            if isSlow || !error.isTransient { loners.insert(member.select) }
            throw error
        }
    }

    private func outcome(_ member: Member, _ limit: SQLLimit) async -> Result<SQLAnswer, SQLError> {
        do throws(SQLError) { return .success(try await alone(member, limit)) } catch { return .failure(error) }
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

extension SQLLimit {
    /// Whatever of the two lets a question take longer.
    fileprivate func longer(than other: SQLLimit) -> SQLLimit {
        let deadlines = [deadline, other.deadline].compactMap { $0 }
        return SQLLimit(timeout: max(timeout, other.timeout), deadline: deadlines.count == 2 ? deadlines.max() : nil)
    }
}
