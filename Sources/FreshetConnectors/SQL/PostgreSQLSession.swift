private import CPostgres
private import Dispatch
private import FreshetCore
internal import FreshetKit
private import Glibc

/// One connection to a PostgreSQL server; its calls block, and belong to one thread at a time.
///
/// - SeeAlso: PostgreSQL 15 documentation, 34.4 "Asynchronous Command Processing".
final class PostgreSQLSession {
    /// How long a server may take to accept a connection.
    private static let patience = Duration.seconds(10)
    /// What makes values read alike in every session, and the server write nothing. For the transaction alone, so that
    /// it holds behind a pooler that hands the connection to others.
    private static let settings = [
        "DateStyle = 'ISO, YMD'", "IntervalStyle = 'iso_8601'", "TimeZone = 'UTC'", "bytea_output = 'hex'",
        "client_encoding = 'UTF8'", "default_transaction_read_only = on", "extra_float_digits = 3", "lc_monetary = 'C'",
    ]

    let url: String
    private let redactor: Redactor
    private let connection: OpaquePointer
    private let bell: SQLBell
    /// False once a statement was left unfinished or the server is gone.
    private(set) var isUsable = true

    /// Connects.
    init(_ url: String, _ redactor: Redactor, _ call: SQLCall) throws(SQLError) {
        try Self.learnPassword(of: url, redactor)
        let bell = try SQLBell()
        // What the URL says of the same words comes later and wins.
        let words: [(String, String)] = [("application_name", "freshet"), ("dbname", url)]
        guard let connection = Self.start(words) else { throw .noConnection(reason: "out of memory") }
        self.url = url
        self.redactor = redactor
        self.bell = bell
        self.connection = connection
        // The default writes the server's remarks to the standard error.
        _ = PQsetNoticeReceiver(connection, { _, _ in }, nil)
        call.whenInterrupted { _ in bell.ring() }
        try connect(call)
        guard PQsetnonblocking(connection, 1) == 0 else { throw .noConnection(reason: reason) }
    }

    deinit { PQfinish(connection) }

    /// - Returns: `nil` when the connection has broken, at the latest by this attempt; reading again does no harm.
    func readIfAlive(_ query: SQLQuery, _ call: SQLCall) throws(SQLError) -> [[SQLValue]]? {
        guard isUsable else { return nil }
        call.whenInterrupted { [bell] _ in bell.ring() }
        do { return try read(query, call) } catch {
            if case .connectionLost = error { return nil }
            throw error
        }
    }

    /// Runs a statement in a transaction of its own that cannot write.
    func read(_ query: SQLQuery, _ call: SQLCall) throws(SQLError) -> [[SQLValue]] {
        let left = call.left
        // The server ends the statement a little earlier than we would give it up: then the connection can be kept.
        let server = max(1, (left - min(left / 2, .milliseconds(200))).inMilliseconds)
        let settings = (Self.settings + ["statement_timeout = \(server)"]).map { "SET LOCAL \($0)" }
        let begin = (["BEGIN TRANSACTION READ ONLY"] + settings).joined(separator: ";")
        do {
            _ = try run(call) { PQsendQuery($0, begin) }
            let rows = try run(call) { connection in
                withCStrings(query.parameters) { values in
                    PQsendQueryParams(connection, query.text, Int32(values.count), nil, values, nil, nil, 0)
                }
            }
            _ = try run(call) { PQsendQuery($0, "COMMIT") }
            return rows
        } catch {
            rollBack(call)
            throw error
        }
    }

    private func rollBack(_ call: SQLCall) {
        guard isUsable else { return }
        // A connection that cannot even do this is given up.
        do { _ = try run(call) { PQsendQuery($0, "ROLLBACK") } } catch { isUsable = false }
    }
}

// MARK: Talking

extension PostgreSQLSession {
    private func connect(_ call: SQLCall) throws(SQLError) {
        let limit = min(call.left, Self.patience)
        let deadline = DispatchTime.now() + .milliseconds(Int(limit.inMilliseconds))
        var progress = PGRES_POLLING_WRITING
        guard PQstatus(connection) != CONNECTION_BAD else { throw .noConnection(reason: reason) }
        while true {
            switch progress {
            case PGRES_POLLING_OK: return
            case PGRES_POLLING_READING, PGRES_POLLING_WRITING:
                let event = progress == PGRES_POLLING_READING ? POLLIN : POLLOUT
                guard try wait(for: event, until: deadline, call) else {
                    throw .noConnection(reason: "no answer within \(limit.briefly)")
                }
                progress = PQconnectPoll(connection)
            default: throw .noConnection(reason: reason)
            }
        }
    }

    /// Sends, and reads until the server is ready for more.
    ///
    /// - Returns: the rows of the last statement that has any.
    private func run(_ call: SQLCall, _ send: (OpaquePointer) -> Int32) throws(SQLError) -> [[SQLValue]] {
        var rows: [[SQLValue]] = []
        var failure: SQLError?
        guard send(connection) == 1 else { throw lost() }
        try flush(call)
        while let answer = try next(call) {
            defer { PQclear(answer) }
            switch PQresultStatus(answer) {
            case PGRES_TUPLES_OK: rows = Self.rows(of: answer)
            case PGRES_COMMAND_OK: continue
            default: failure = failure ?? self.failure(in: answer, call)
            }
        }
        if let failure { throw failure }
        return rows
    }

    private func flush(_ call: SQLCall) throws(SQLError) {
        while true {
            switch PQflush(connection) {
            case 0: return
            case 1:
                // A server that waits for us to read does not read what we write.
                _ = try wait(for: POLLIN | POLLOUT, call)
                guard PQconsumeInput(connection) == 1 else { throw lost() }
            default: throw lost()
            }
        }
    }

    private func next(_ call: SQLCall) throws(SQLError) -> OpaquePointer? {
        while PQisBusy(connection) == 1 {
            _ = try wait(for: POLLIN, call)
            guard PQconsumeInput(connection) == 1 else { throw lost() }
        }
        return PQgetResult(connection)
    }

    /// - Returns: false when `deadline` has passed.
    private func wait(
        for events: Int32,
        until deadline: DispatchTime? = nil,
        _ call: SQLCall
    ) throws(SQLError) -> Bool {
        let socket = PQsocket(connection)
        guard socket >= 0 else { throw lost() }
        var milliseconds: Int32 = -1
        if let deadline {
            let left = Int64(deadline.uptimeNanoseconds) - Int64(DispatchTime.now().uptimeNanoseconds)
            milliseconds = Int32(clamping: max(0, left / 1_000_000 + 1))
        }
        var descriptors = [
            pollfd(fd: socket, events: Int16(events), revents: 0),
            pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&descriptors, 2, milliseconds)
        if descriptors[1].revents != 0 { bell.silence() }
        if let interruption = call.interruption {
            abandon()
            throw interruption
        }
        return count != 0
    }

    /// Has the server stop what it does for us; the connection is not used again.
    private func abandon() {
        isUsable = false
        guard let cancel = PQgetCancel(connection) else { return }
        nonisolated(unsafe) let order = cancel  // handed over: nobody else has it
        // It opens a connection of its own and waits for the server.
        DispatchQueue.global().async {
            var reason = [CChar](repeating: 0, count: 256)
            PQcancel(order, &reason, Int32(reason.count))
            PQfreeCancel(order)
        }
    }
}

// MARK: Failures

extension PostgreSQLSession {
    private var reason: String { text(PQerrorMessage(connection)) }

    private func lost() -> SQLError {
        isUsable = false
        return .connectionLost(reason: reason)
    }

    /// - SeeAlso: PostgreSQL 15 documentation, appendix A "PostgreSQL Error Codes".
    private func failure(in answer: OpaquePointer, _ call: SQLCall) -> SQLError {
        guard let field = PQresultErrorField(answer, Int32(UInt8(ascii: "C"))) else { return lost() }
        let code = String(cString: field)
        let message = text(PQresultErrorField(answer, Int32(UInt8(ascii: "M"))))
        switch code {
        case "25006": return .wouldWrite(message: message)
        case "42501": return .permissionDenied(message: message)
        // Also how a query ends that somebody else cancelled, but then there is time left.
        case "57014" where call.left < .milliseconds(250): return .timedOut(after: call.limit)
        // admin_shutdown, crash_shutdown, cannot_connect_now
        case "57P01", "57P02", "57P03":
            isUsable = false
            return .connectionLost(reason: message)
        default: return .refused(code: code, message: message)
        }
    }

    /// A text of libpq in one line, without secrets.
    private func text(_ pointer: UnsafePointer<CChar>?) -> String {
        let lines = pointer.map { String(cString: $0).split(separator: "\n") } ?? []
        return lines.isEmpty ? "no reason given" : redactor.redact(lines.joined(separator: "; "))
    }

    /// Makes the password known to the redactor, as it stands in the URL and as it is sent.
    private static func learnPassword(of url: String, _ redactor: Redactor) throws(SQLError) {
        redactor.learn(url)
        // The reason is not asked for: it quotes the URL.
        guard let options = PQconninfoParse(url, nil) else { throw .invalidURL }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            if ["password", "sslpassword"].contains(String(cString: keyword)), let value = option.pointee.val {
                redactor.learn(String(cString: value))
            }
            option += 1
        }
    }

    private static func start(_ words: [(String, String)]) -> OpaquePointer? {
        withCStrings(words.map(\.0), isTerminated: true) { keywords in
            withCStrings(words.map(\.1), isTerminated: true) { values in PQconnectStartParams(keywords, values, 1) }
        }
    }
}

/// The texts as C strings for the time of a call, as libpq wants its lists.
private func withCStrings<Result>(
    _ texts: [String],
    isTerminated: Bool = false,
    _ body: ([UnsafePointer<CChar>?]) -> Result
) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { UnsafePointer($0) } + (isTerminated ? [nil] : []))
}
