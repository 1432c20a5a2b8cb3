private import FoundationEssentials
import FreshetCore
import FreshetKit

/// A line of dbt's structured log.
///
/// - SeeAlso: dbt-core, `core/dbt/events/core_types.proto` and `types.py`; log version 3, dbt 1.4 and later.
struct DBTLogEvent: Sendable {
    /// Such as `NodeFinished`.
    var name: String
    var level: LogLine.Level
    var message: String
    var invocationID: String?
    /// Without a zone it is UTC.
    var at: Timestamp?
    var data: JSONValue

    /// Reads a line; `nil` for what is none, such as a traceback of Python or a warning of a driver.
    init?(_ line: String) {
        guard line.utf8.first == UInt8(ascii: "{"), let object = try? JSONValue(parsing: line),
            let info = object["info"], let name = info["name"]?.text
        else { return nil }
        self.name = name
        level =
            switch info["level"]?.text {
            case "debug": .debug
            case "warn", "warning": .warning
            case "error": .error
            default: .info
            }
        message = info["msg"]?.text ?? ""
        invocationID = info["invocation_id"]?.text
        at = info["ts"]?.text.flatMap { Timestamp(iso8601: $0) }
        data = object["data"] ?? .object([:])
    }

    /// What the event says of the node that it is about.
    var node: Node? { data["node_info"].flatMap(Node.init) }

    struct Node: Sendable {
        var uniqueID: String
        var status: String
        var materialized: String?
        var startedAt: Timestamp?
        var finishedAt: Timestamp?

        init?(_ info: JSONValue) {
            guard let id = info["unique_id"]?.text, !id.isEmpty else { return nil }
            uniqueID = id
            status = info["node_status"]?.text ?? ""
            materialized = info["materialized"]?.text
            startedAt = info["node_started_at"]?.text.flatMap { Timestamp(iso8601: $0) }
            finishedAt = info["node_finished_at"]?.text.flatMap { Timestamp(iso8601: $0) }
        }
    }
}
