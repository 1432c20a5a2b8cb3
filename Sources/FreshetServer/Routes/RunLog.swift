import FreshetCore
import FreshetKit
import FreshetView

/// `GET /runs/{run}/log`: the lines of one step, or of all in the order of their moments.
enum RunLog {
    static func answer(_ call: Call) async throws -> Answer {
        let limit = try call.query.limit()
        let least = try call.query.word("level", LogLine.Level.self) ?? .debug
        let text = call.query["q"]?.lowercased() ?? ""
        let after = Int(try call.query.integer("after", in: 0...Int64(Int32.max), default: 0))
        let asset = try call.asset(named: "asset")
        let position = try await call.context.sight.position()
        let detail = try await RunRoutes.run(call)
        var lines: [LogRecord] = []
        for step in detail.logLines.keys.sorted() where asset == nil || step == asset {
            lines += try await all(of: step, after: after, call)
        }
        if asset == nil { lines.sort { ($0.line.at, $0.asset, $0.number) < ($1.line.at, $1.asset, $1.number) } }
        lines = lines.filter { record in
            record.line.level.rank >= least.rank && (text.isEmpty || record.line.message.lowercased().contains(text))
        }
        func place(_ record: LogRecord) -> String { "\(record.asset)\n\(record.number)" }
        var start = 0
        if let last = try Cursor.place("log", in: call.query) {
            start = lines.firstIndex { place($0) == last }.map { $0 + 1 } ?? lines.count
        }
        var members: [String: JSONValue] = [:]
        members.addPage(
            "lines",
            Array(lines[start...].prefix(limit + 1)),
            limit: limit,
            list: "log",
            place: place,
            document: Documents.logLine
        )
        return .resource("freshet.log/1", members, sequence: position)
    }

    private static func all(of step: AssetKey, after: Int, _ call: Call) async throws -> [LogRecord] {
        let query = LogQuery(run: call.parameters["run"] ?? "", asset: step, after: after, limit: LogRecord.limit)
        return try await asking { () throws(StoreError) in try await call.store.log(query) }
    }
}

extension LogLine.Level {
    /// The more serious the greater.
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
