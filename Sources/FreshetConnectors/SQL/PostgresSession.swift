private import Dispatch
private import FreshetCore
import FreshetKit

/// One session with a server, and the queue on which alone it is used.
///
/// libpq is driven without blocking inside it; what waits is this queue's own thread, never one that tasks share.
/// `@unchecked Sendable`: ``link`` belongs to the queue.
final class PostgresSession: @unchecked Sendable {
    private let queue = DispatchQueue(label: "freshet.postgresql")
    private let redactor: Redactor
    private var link: PostgresLink?
    private static let connectLimit = Duration.seconds(10)

    init(redactor: Redactor) { self.redactor = redactor }

    func query(
        _ statement: String,
        rows: Int,
        at url: String,
        timeout: Duration
    ) async throws(SQLError) -> SQLAnswer {
        let interruption = Interruption()
        let result: Result<SQLAnswer, SQLError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    continuation.resume(
                        returning: Result { () throws(SQLError) in
                            try self.run(
                                Question(statement: statement, rows: rows, timeout: timeout),
                                at: url,
                                interruption
                            )
                        }
                    )
                }
            }
        } onCancel: {
            interruption.raise()
        }
        return try result.get()
    }

    private struct Question {
        var statement: String
        var rows: Int
        var timeout: Duration
    }

    private func run(_ question: Question, at url: String, _ interruption: Interruption) throws(SQLError) -> SQLAnswer {
        guard !interruption.isRaised else { throw .cancelled }
        let patience = Patience(question.timeout, interruption)
        if let kept = link, kept.url == url {
            do throws(SQLError) {
                return try ask(kept, question, patience)
            } catch .unreachable {
                // The server went away since the last question. Nothing was written: ask again on a new session.
                link = nil
            }
        }
        let new = try PostgresLink(
            url: url,
            redactor: redactor,
            patience.limited(to: min(question.timeout, Self.connectLimit))
        )
        link = new
        return try ask(new, question, patience)
    }

    /// What a session has to be set to, so that the same data is written in the same way on every look.
    private static let settings = [
        "TimeZone = 'UTC'", "DateStyle = 'ISO'", "IntervalStyle = 'iso_8601'", "extra_float_digits = 1",
        "bytea_output = 'hex'", "standard_conforming_strings = on",
    ]

    /// Asks in a transaction that cannot write.
    ///
    /// After an error that leaves the session in doubt it is given up.
    private func ask(
        _ link: PostgresLink,
        _ question: Question,
        _ patience: Patience
    ) throws(SQLError) -> SQLAnswer {
        do throws(SQLError) {
            let limit = max(1, question.timeout.inMilliseconds)
            let settings = ["statement_timeout = \(limit)"] + Self.settings
            let commands = ["BEGIN TRANSACTION READ ONLY"] + settings.map { "SET LOCAL \($0)" }
            try link.command(commands.joined(separator: "; "), patience)
            let answer = try link.query(question.statement, rows: question.rows, patience)
            // Not COMMIT: what a question set in the session by set_config would stay.
            try link.command("ROLLBACK", patience)
            return answer
        } catch {
            switch error {
            case .noTable, .noColumn, .refused: try link.command("ROLLBACK", patience)
            default: self.link = nil
            }
            throw error == .timedOut(after: .zero) ? .timedOut(after: question.timeout) : error
        }
    }
}
