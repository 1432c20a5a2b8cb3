import FreshetCore
import FreshetKit

extension DeltaHistory {
    /// One row with one text, so that it can be joined with other questions.
    static func select(_ table: String, depth: Int) -> String {
        let members = [
            ("version", "version"), ("at", "unix_millis(timestamp)"), ("operation", "operation"),
            ("parameters", "operationParameters"), ("metrics", "operationMetrics"),
        ].map { "'\($0.0)', \($0.1)" }
        let list = "collect_list(named_struct(\(members.joined(separator: ", "))))"
        return "SELECT to_json(\(list)) AS f0 FROM (DESCRIBE HISTORY \(table) LIMIT \(depth))"
    }

    /// As it is documented for use by itself.
    static func plainStatement(_ table: String, depth: Int) -> String { "DESCRIBE HISTORY \(table) LIMIT \(depth)" }

    /// Reads the answer to ``select(_:depth:)``.
    init(text: String) throws(SQLError) {
        guard let list = (try? JSONValue(parsing: text))?.list else {  // What is no JSON is told like what is no list.
            throw .refused(code: "none", message: "the history of the table cannot be read")
        }
        self.init(
            list.compactMap { value in
                guard let version = value["version"]?.integer, let operation = value["operation"]?.text else {
                    return nil
                }
                return Entry(
                    version: version,
                    at: value["at"]?.integer ?? 0,
                    operation: operation,
                    parameters: Self.texts(value["parameters"]) ?? [:],
                    metrics: Self.texts(value["metrics"])
                )
            }
        )
    }

    /// Reads the answer to ``plainStatement(_:depth:)``.
    init(_ answer: SQLAnswer) {
        func column(_ name: String, _ row: [SQLValue]) -> SQLValue? {
            answer.columns.firstIndex(of: name).flatMap { row.indices.contains($0) ? row[$0] : nil }
        }
        func map(_ value: SQLValue?) -> [String: String]? {
            guard case .text(let text)? = value else { return nil }
            return Self.texts(try? JSONValue(parsing: text))  // Without metrics, a version counts as one with new data.
        }
        self.init(
            answer.rows.compactMap { row in
                guard case .integer(let version)? = column("version", row),
                    case .text(let operation)? = column("operation", row)
                else { return nil }
                return Entry(
                    version: version,
                    at: column("timestamp", row)?.timestamp?.milliseconds ?? 0,
                    operation: operation,
                    parameters: map(column("operationParameters", row)) ?? [:],
                    metrics: map(column("operationMetrics", row))
                )
            }
        )
    }

    private static func texts(_ value: JSONValue?) -> [String: String]? {
        value?.object?.compactMapValues { member in
            switch member {
            case .text(let text): text
            case .integer(let number): String(number)
            case .number(let number): String(number)
            case .boolean, .list, .null, .object: nil
            }
        }
    }
}
