internal import FreshetCore
internal import FreshetKit

/// How far a log has been read, and the last commit in it that changed data.
struct DeltaMemory: Hashable, Sendable {
    struct Data: Hashable, Sendable {
        var number: Int64
        /// A hash of the commit's content.
        var content: String
        var operation: String
        var timestamp: Int64?
    }

    let log: String
    /// The newest commit that was read.
    var newest: Int64
    /// A hash of its content: another one under the same number is another table.
    var newestContent: String
    /// `nil` when no commit that is still there changed data; then ``floor`` says before which it was.
    var data: Data?
    /// The checkpoint that covers what was cleaned away.
    var floor: Int64?
    /// A hash of the oldest commit behind it, at the first look; none since has changed data, so it stands for the data.
    var anchor: String?

    init(
        log: String,
        newest: Int64,
        newestContent: String,
        data: Data? = nil,
        floor: Int64? = nil,
        anchor: String? = nil
    ) {
        self.log = log
        self.newest = newest
        self.newestContent = newestContent
        self.data = data
        self.floor = floor
        self.anchor = anchor
    }

    /// - Returns: `nil` for a cursor that is none, or belongs to another log.
    init?(cursor: String?, log: String) {
        // An unreadable cursor is none: the log is read anew.
        guard let cursor, let saved = try? JSONValue(parsing: cursor), saved["log"]?.text == log,
            let newest = saved["newest"]?.integer, let content = saved["newest_content"]?.text
        else { return nil }
        self.init(
            log: log,
            newest: newest,
            newestContent: content,
            floor: saved["floor"]?.integer,
            // Before there were anchors, the newest commit was in its place: the version stays as it was.
            anchor: saved["anchor"]?.text ?? content
        )
        if let data = saved["data"], let number = data["number"]?.integer, let content = data["content"]?.text {
            self.data = Data(
                number: number,
                content: content,
                operation: data["operation"]?.text ?? "",
                timestamp: data["timestamp"]?.integer
            )
        }
    }

    var cursor: String {
        var saved: [String: JSONValue] = [
            "log": .text(log), "newest": .integer(newest), "newest_content": .text(newestContent),
        ]
        saved["floor"] = floor.map { .integer($0) }
        saved["anchor"] = anchor.map { .text($0) }
        if let data {
            var members: [String: JSONValue] = [
                "number": .integer(data.number), "content": .text(data.content), "operation": .text(data.operation),
            ]
            members["timestamp"] = data.timestamp.map { .integer($0) }
            saved["data"] = .object(members)
        }
        return JSONValue.object(saved).serialized()
    }

    var version: String {
        if let data { return "delta_version=\(data.number);\(data.content)" }
        return "delta_version<=\(floor ?? newest);\(anchor ?? newestContent)"
    }
}
