import FreshetCore
import FreshetKit

/// A SQL warehouse, asked through the statement interface.
///
/// - SeeAlso: Databricks REST API, *Statement Execution*.
struct DatabricksWarehouse: Sendable {
    static let path = "/api/2.0/sql/statements"
    /// The least and the most that the service takes for `wait_timeout`, in seconds.
    private static let waits = 5...50
    private static let firstPause = Duration.milliseconds(200)
    private static let longestPause = Duration.seconds(5)

    let client: DatabricksClient
    let id: String
    let catalog: String?
    let schema: String?

    private var clock: any EngineClock { client.surroundings.clock }

    /// Runs one statement to its end, which is at the latest when `timeout` has passed; then it is cancelled.
    func query(_ statement: String, rows: Int, timeout: Duration) async throws(SQLError) -> SQLAnswer {
        var conversation = Conversation(warehouse: self, deadline: clock.now + timeout, timeout: timeout)
        return try await conversation.run(statement, rows: rows)
    }

    /// What is sent for a statement.
    ///
    /// - Parameters:
    ///   - statement: exactly one.
    ///   - rows: the most rows of its answer; 0 for no limit.
    ///   - wait: how long the service may keep the call, at most ``waits``.
    /// - Returns: the body of the request.
    /// - Throws: ``SecretError`` where the warehouse, the catalog or the schema is a reference without a value.
    func body(_ statement: String, rows: Int, wait: Duration) async throws(SecretError) -> JSONValue {
        let secrets = client.surroundings.secrets
        let seconds = Int(wait.inSeconds)
        var members: [String: JSONValue] = [
            "statement": .text(statement), "warehouse_id": .text(try await secrets.resolve(id)),
            "wait_timeout": .text(seconds < Self.waits.lowerBound ? "0s" : "\(min(seconds, Self.waits.upperBound))s"),
            "on_wait_timeout": "CONTINUE", "disposition": "INLINE", "format": "JSON_ARRAY",
        ]
        if rows > 0 { members["row_limit"] = .integer(Int64(rows)) }
        if let catalog { members["catalog"] = .text(try await secrets.resolve(catalog)) }
        if let schema { members["schema"] = .text(try await secrets.resolve(schema)) }
        return .object(members)
    }

    /// One statement from its sending to its result.
    private struct Conversation {
        let warehouse: DatabricksWarehouse
        let deadline: Timestamp
        let timeout: Duration
        var requests = 0
        var pause = DatabricksWarehouse.firstPause

        private var clock: any EngineClock { warehouse.clock }

        mutating func run(_ statement: String, rows: Int) async throws(SQLError) -> SQLAnswer {
            var state = StatementState(try await begin(statement, rows))
            do throws(SQLError) {
                while !state.isOver {
                    try await rest()
                    state = StatementState(try await call("GET", "\(DatabricksWarehouse.path)/\(state.id)"))
                }
                return try await answer(state, rows)
            } catch {
                switch error {
                case .cancelled, .timedOut: await cancel(state.id)
                default: break
                }
                throw error
            }
        }

        private mutating func begin(_ statement: String, _ rows: Int) async throws(SQLError) -> JSONValue {
            let wait = min(deadline - clock.now, .seconds(30))
            let body: JSONValue
            do throws(SecretError) {
                body = try await warehouse.body(statement, rows: rows, wait: wait)
            } catch {
                throw .noCredentials(error)
            }
            // The service keeps the call for as long as it was told to, and then answers.
            return try await call("POST", DatabricksWarehouse.path, body, timeout: wait + .seconds(15))
        }

        /// The first chunk came with the state; the others are asked for one by one.
        private mutating func answer(_ state: StatementState, _ rows: Int) async throws(SQLError) -> SQLAnswer {
            if let error = state.error(warehouse.client.surroundings.redactor) { throw error }
            var answer = state.answer
            var next = state.nextChunk
            while let index = next, answer.rows.count < rows {
                let path = "\(DatabricksWarehouse.path)/\(state.id)/result/chunks/\(index)"
                let chunk = try await call("GET", path)
                let result = chunk["result"] ?? chunk
                answer.rows += state.rows(result)
                next = result["next_chunk_index"]?.integer
            }
            answer.rows = Array(answer.rows.prefix(max(rows, 0)))
            answer.requests = requests
            return answer
        }

        /// Calls until there is an answer or the time is over; reading twice costs a little and alters nothing.
        private mutating func call(
            _ method: String,
            _ path: String,
            _ body: JSONValue? = nil,
            timeout: Duration = .seconds(30)
        ) async throws(SQLError) -> JSONValue {
            while true {
                if Task.isCancelled { throw .cancelled }
                requests += 1
                let reply = await warehouse.client.call(method, path, body: body, timeout: timeout)
                switch reply.result {
                case .answer(let value): return value
                case .refusal(let refusal): throw Self.error(refusal)
                case .silence(let silence):
                    if Task.isCancelled { throw .cancelled }
                    let wait = max(reply.retryAfter ?? .zero, pause)
                    guard clock.now + wait < deadline else { throw .unreachable(silence.message) }
                    try await rest(wait)
                }
            }
        }

        private static func error(_ refusal: Refusal) -> SQLError {
            switch refusal.reason {
            case .denied, .notSignedIn, .tokenExpired: .credentialsRefused(refusal.message)
            default: .refused(code: "none", message: refusal.message)
            }
        }

        private mutating func rest(_ wait: Duration? = nil) async throws(SQLError) {
            let wait = wait ?? pause
            pause = min(pause * 1.5, DatabricksWarehouse.longestPause)
            guard clock.now < deadline else { throw .timedOut(after: timeout) }
            do {
                try await clock.sleep(until: min(clock.now + wait, deadline))
            } catch {
                throw .cancelled
            }
            guard clock.now < deadline else { throw .timedOut(after: timeout) }
        }

        /// In a task of its own, as ours may be cancelled; a statement that is not asked after would run to its end.
        private func cancel(_ id: String) async {
            let client = warehouse.client
            let path = "\(DatabricksWarehouse.path)/\(id)/cancel"
            _ = await Task { await client.call("POST", path, body: [:], timeout: .seconds(10)) }.value
        }
    }
}

/// What the service says of one statement.
struct StatementState {
    let id: String
    private let state: String
    private let body: JSONValue

    init(_ body: JSONValue) {
        self.body = body
        id = body["statement_id"]?.text ?? ""
        state = body["status"]?["state"]?.text ?? ""
    }

    /// A word that is not known is no end.
    var isOver: Bool { ["SUCCEEDED", "FAILED", "CANCELED", "CLOSED"].contains(state) }

    var nextChunk: Int64? { body["result"]?["next_chunk_index"]?.integer }

    private var columns: [JSONValue] { body["manifest"]?["schema"]?["columns"]?.list ?? [] }

    var answer: SQLAnswer {
        var answer = SQLAnswer(
            columns: columns.map { $0["name"]?.text ?? "" },
            rows: body["result"].map(rows) ?? []
        )
        answer.bytes = body["manifest"]?["total_byte_count"]?.integer
        return answer
    }

    /// Every cell is a text or null, whatever its column's type.
    func rows(_ result: JSONValue) -> [[SQLValue]] {
        let types = columns.map { $0["type_name"]?.text ?? "STRING" }
        return (result["data_array"]?.list ?? []).map { row in
            zip(types, row.list ?? []).map { type, cell in
                cell.text.map { Self.value($0, type) } ?? .null
            }
        }
    }

    private static func value(_ text: String, _ type: String) -> SQLValue {
        switch type {
        case "BYTE", "INT", "LONG", "SHORT": Int64(text).map { .integer($0) } ?? .text(text)
        case "DECIMAL", "DOUBLE", "FLOAT":
            Double(text).flatMap { $0.isFinite ? .number($0, written: text) : nil } ?? .text(text)
        case "DATE", "TIMESTAMP", "TIMESTAMP_NTZ":
            MomentText(text).map { .moment($0.timestamp, written: $0.written) } ?? .text(text)
        default: .text(text)
        }
    }

    /// Why there is no result; a failed statement is told with a status of 200.
    ///
    /// - SeeAlso: Databricks documentation, "Error classes"; the class stands in brackets before the message.
    func error(_ redactor: Redactor) -> SQLError? {
        let code = body["status"]?["error"]?["error_code"]?.text ?? "none"
        let told = body["status"]?["error"]?["message"]?.text ?? "no further explanation"
        let message = SQLError.words(told, redactor)
        switch state {
        case "SUCCEEDED": return nil
        case "FAILED": break
        default: return .unreachable("the statement was ended over there (\(state)): \(message)")
        }
        let name = message.hasPrefix("[") ? String(message.dropFirst().prefix { $0 != "]" }) : code
        switch name.prefix(while: { $0 != "." }) {
        case "TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND", "DELTA_TABLE_NOT_FOUND", "DELTA_PATH_DOES_NOT_EXIST":
            return .noTable(message)
        case "UNRESOLVED_COLUMN":
            return .noColumn(String(message.drop { $0 != "`" }.dropFirst().prefix { $0 != "`" }), nearest: nil)
        case "ABORTED", "DEADLINE_EXCEEDED", "INTERNAL_ERROR", "IO_ERROR", "RESOURCE_EXHAUSTED",
            "SERVICE_UNDER_MAINTENANCE", "TEMPORARILY_UNAVAILABLE", "WORKSPACE_TEMPORARILY_UNAVAILABLE":
            return .unreachable(message)
        default: return .refused(code: name, message: message)
        }
    }
}
