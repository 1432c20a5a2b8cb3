private import CPostgres
import FreshetKit

/// A connection of libpq, driven through its non-blocking calls.
///
/// - SeeAlso: PostgreSQL documentation, "libpq", sections on asynchronous commands and on connecting.
final class PostgresLink {
    let url: String
    private let redactor: Redactor
    private let connection: OpaquePointer

    /// Connects.
    init(url: String, redactor: Redactor, _ patience: Patience) throws(SQLError) {
        self.url = url
        self.redactor = redactor
        try PostgresAddress.learn(url, redactor)
        let options = ["dbname": url, "client_encoding": "UTF8", "fallback_application_name": "freshet"]
        let names = options.keys.map { $0 }
        guard let connection = Self.start(names.map { ($0, options[$0] ?? "") }) else {
            throw .unreachable("no memory left")
        }
        self.connection = connection
        // What a server remarks by the way would go to standard error.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        // What the server answers to a start of a session has its code in the text alone.
        _ = PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
        try connect(patience)
    }

    deinit { PQfinish(connection) }

    /// Runs commands that return no rows.
    func command(_ text: String, _ patience: Patience) throws(SQLError) {
        guard PQsendQuery(connection, text) == 1 else { throw lost() }
        _ = try results(patience)
    }

    /// Runs exactly one statement: the protocol of statements with parameters allows no second.
    func query(_ statement: String, rows: Int, _ patience: Patience) throws(SQLError) -> SQLAnswer {
        guard PQsendQueryParams(connection, statement, 0, nil, nil, nil, nil, 0) == 1 else { throw lost() }
        // Row by row, so that an answer without end is noticed while it comes.
        guard PQsetSingleRowMode(connection) == 1 else { throw lost() }
        return try results(patience, rows)
    }

    // MARK: Connecting

    private static func start(_ options: [(name: String, value: String)]) -> OpaquePointer? {
        withCStrings(options.map(\.name)) { names in
            withCStrings(options.map(\.value)) { values in PQconnectStartParams(names, values, 1) }
        }
    }

    private func connect(_ patience: Patience) throws(SQLError) {
        guard PQstatus(connection) != CONNECTION_BAD else { throw lost() }
        var isWriting = true
        while true {
            do throws(SQLError) {
                try patience.wait(for: PQsocket(connection), writing: isWriting, reading: !isWriting)
            } catch .timedOut {
                throw .unreachable("the server did not open a session in time")
            }
            switch PQconnectPoll(connection) {
            case PGRES_POLLING_OK:
                guard PQsetnonblocking(connection, 1) == 0 else { throw lost() }
                return
            case PGRES_POLLING_READING: isWriting = false
            case PGRES_POLLING_WRITING: isWriting = true
            default: throw refusedSession()
            }
        }
    }

    // MARK: Results

    /// Awaits every result of what was sent; the first error counts, else the last result.
    private func results(_ patience: Patience, _ rows: Int = 0) throws(SQLError) -> SQLAnswer {
        do throws(SQLError) {
            try flush(patience)
            var answer = SQLAnswer(columns: [], row: [])
            var size = SQLAnswerSize()
            var failure: SQLError?
            while let result = try nextResult(patience) {
                defer { PQclear(result) }
                switch PQresultStatus(result) {
                case PGRES_SINGLE_TUPLE, PGRES_TUPLES_OK: try Self.add(result, to: &answer, rows, &size)
                case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
                default: failure = failure ?? error(of: result)
                }
            }
            if let failure { throw failure }
            return answer
        } catch {
            switch error {
            case .timedOut, .cancelled, .tooLarge: cancel()
            default: break
            }
            throw error
        }
    }

    private func flush(_ patience: Patience) throws(SQLError) {
        while true {
            switch PQflush(connection) {
            case 0: return
            case 1:
                // The server may have to get rid of an answer before it reads on.
                try patience.wait(for: PQsocket(connection), writing: true, reading: true)
                guard PQconsumeInput(connection) == 1 else { throw lost() }
            default: throw lost()
            }
        }
    }

    private func nextResult(_ patience: Patience) throws(SQLError) -> OpaquePointer? {
        while PQisBusy(connection) == 1 {
            try patience.wait(for: PQsocket(connection), writing: false, reading: true)
            guard PQconsumeInput(connection) == 1 else { throw lost() }
        }
        return PQgetResult(connection)
    }

    /// Asks the server to stop, without waiting for it: the request is a connection of its own, and may block.
    private func cancel() {
        guard let request = PQgetCancel(connection) else { return }
        let address = UInt(bitPattern: request)
        inBackground {
            // Made from a pointer above: never nil.
            let request = OpaquePointer(bitPattern: address)!
            var reason = [CChar](repeating: 0, count: 256)
            // The session is given up in any case; that the statement ends earlier is a kindness to the server.
            _ = PQcancel(request, &reason, Int32(reason.count))
            PQfreeCancel(request)
        }
    }

    private func lost() -> SQLError { .unreachable(Self.text(PQerrorMessage(connection), redactor)) }

    /// Why there is no session: a server's words are `FATAL:  28P01: password authentication failed …`.
    ///
    /// - SeeAlso: PostgreSQL documentation, appendix A, class 28; `PQsetErrorVerbosity`.
    private func refusedSession() -> SQLError {
        var message = Self.text(PQerrorMessage(connection), redactor)
        if let place = message.firstRange(of: " LOCATION: ") { message = String(message[..<place.lowerBound]) }
        guard let label = message.firstRange(of: "FATAL: ") else {
            // libpq's own words where a server asks for a password and there is none.
            return message.contains("no password supplied") ? .credentialsRefused(message) : .unreachable(message)
        }
        let words = message[label.upperBound...].drop { $0 == " " }
        let code = String(words.prefix(5))
        switch code {
        case "28P01", "28000": return .credentialsRefused(String(words))
        case "3D000", "42501":
            return .refused(code: code, message: String(words.dropFirst(5).drop { ": ".contains($0) }))
        default: return .unreachable(message)
        }
    }

    /// - SeeAlso: PostgreSQL documentation, appendix A, "PostgreSQL Error Codes".
    private func error(of result: OpaquePointer) -> SQLError {
        let message = Self.text(PQresultErrorField(result, Int32(UInt8(ascii: "M"))), redactor)
        guard let field = PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else {
            return .unreachable(Self.text(PQresultErrorMessage(result), redactor))
        }
        let code = String(cString: field)
        switch code {
        case "42P01", "3F000": return .noTable(message)
        case "42703": return .noColumn(message, nearest: nil)
        // A statement that ran into `statement_timeout`; the session names the limit.
        case "57014": return .timedOut(after: .zero)
        case "57P01", "57P02", "57P03", "08000", "08003", "08006": return .unreachable(message)
        default: return .refused(code: code, message: message)
        }
    }

    private static func text(_ message: UnsafePointer<CChar>?, _ redactor: Redactor) -> String {
        let lines = message.map { String(cString: $0) }?.split(separator: "\n") ?? []
        return SQLError.words(lines.map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(separator: " "), redactor)
    }

    /// Adds the rows of one result, which are one or none, and the names of the columns.
    private static func add(
        _ result: OpaquePointer,
        to answer: inout SQLAnswer,
        _ rows: Int,
        _ size: inout SQLAnswerSize
    ) throws(SQLError) {
        let count = PQnfields(result)
        if answer.columns.isEmpty {
            answer.columns = (0..<count).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
        }
        for row in 0..<PQntuples(result) {
            guard answer.rows.count < rows else { return }
            var values: [SQLValue] = []
            for column in 0..<count {
                guard PQgetisnull(result, row, column) == 0, let text = PQgetvalue(result, row, column) else {
                    values.append(.null)
                    continue
                }
                try size.add(Int(PQgetlength(result, row, column)), to: answer.columns[Int(column)])
                values.append(PostgresType(PQftype(result, column)).value(String(cString: text)))
            }
            answer.rows.append(values)
        }
    }
}

/// Calls `body` with an array of C strings that ends in `NULL`.
private func withCStrings<Value>(
    _ texts: [String],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
) -> Value {
    let copies = texts.map { text in
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
        _ = copy.initialize(from: bytes)
        return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    let pointers = copies.map { UnsafePointer($0.baseAddress) } + [nil]
    return pointers.withUnsafeBufferPointer { buffer in
        // Holds at least the `NULL`: never without an address.
        body(buffer.baseAddress!)
    }
}
