import FreshetCore
import FreshetKit

/// Follows a run of dbt by its log: which nodes are at work, what became of each, and what went wrong.
///
/// Pure: lines in, sub-steps and lines for people out. `NodeStart` and `NodeFinished` come at the level `debug`; where
/// they do not come, the result lines that every level has tell as much of the end.
struct DBTProgress {
    /// What a line has to tell.
    struct News {
        var subSteps: [SubStep] = []
        var line: LogLine?
    }

    /// What is told of a run when it has ended.
    struct Summary: Hashable {
        var succeeded = 0
        var unchanged = 0
        var failed = 0
        var skipped = 0
    }

    let redactor: Redactor
    private(set) var invocationID: String?
    private(set) var dbtVersion: String?
    /// What `CommandCompleted` says; `nil` where it never came.
    private(set) var isSuccess: Bool?
    /// How each node and test stands, by its unique id.
    private(set) var subSteps: [String: SubStep] = [:]
    private(set) var checks: [String: CheckResult] = [:]
    /// The first words of dbt on why it stopped, or of whatever wrote an error.
    private(set) var complaint: String?
    /// How many nodes there are to do.
    private(set) var total: Int?
    private var order: [String] = []
    /// Whether the start and the end of each node come as such, and the lines for people say them a second time.
    private var hasNodeEvents = false

    init(redactor: Redactor) { self.redactor = redactor }

    /// In the order in which they began.
    var steps: [SubStep] { order.compactMap { subSteps[$0] } }

    var summary: Summary {
        var summary = Summary()
        for step in subSteps.values {
            switch step.status {
            case .succeeded: summary.succeeded += 1
            case .unchanged: summary.unchanged += 1
            case .failed: summary.failed += 1
            case .skipped: summary.skipped += 1
            case .running: break
            }
        }
        return summary
    }

    /// Takes a line of dbt's output; `now` stands in for the time of a line that has none.
    mutating func read(_ text: String, at now: Timestamp) -> News {
        guard let event = DBTLogEvent(text) else { return readPlain(text, at: now) }
        if invocationID == nil { invocationID = event.invocationID }
        var news = News()
        switch event.name {
        case "MainReportVersion": dbtVersion = event.data["version"]?.text?.trimming("=")
        case "ConcurrencyLine": total = event.data["node_count"]?.integer.map { Int($0) }
        case "CommandCompleted": isSuccess = event.data["success"]?.boolean
        case "NodeStart":
            hasNodeEvents = true
            news.subSteps = start(event)
        case "LogStartLine": news.subSteps = start(event)
        case "NodeFinished": news.subSteps = finish(event, event.data["run_result"])
        case "LogModelResult", "LogTestResult", "LogSnapshotResult", "LogSeedResult", "LogNodeResult",
            "LogNodeNoOpResult", "LogFreshnessResult", "LogFunctionResult", "LogHookEndLine":
            if !hasNodeEvents { news.subSteps = finish(event, nil) }
        case "SkippingDetails", "LogSkipBecauseError", "MarkSkippedChildren": news.subSteps = skip(event)
        default: break
        }
        if event.level == .error, complaint == nil, !event.message.isEmpty, event.node == nil {
            complaint = Self.complaint(redactor.redact(event.message))
        }
        if event.level != .debug, let words = Self.words(event) {
            let message = redactor.redact(words)
            news.line = LogLine(at: event.at ?? now, level: event.level, message: message)
        }
        return news
    }

    /// A driver's warning, a traceback, the usage of a mistyped command.
    private mutating func readPlain(_ text: String, at now: Timestamp) -> News {
        let words = text.filter { $0 != "\u{1B}" }
        guard words.contains(where: { !$0.isWhitespace }) else { return News() }
        let message = redactor.redact(words)
        let isError = ["Error", "Usage:", "Traceback", "error:"].contains { message.contains($0) }
        if isError, complaint == nil { complaint = Self.firstWords(message) }
        return News(line: LogLine(at: now, level: isError ? .error : .info, message: message))
    }

    // MARK: Nodes

    private mutating func start(_ event: DBTLogEvent) -> [SubStep] {
        guard let node = event.node, subSteps[node.uniqueID] == nil else { return [] }
        return [put(SubStep(name: node.uniqueID, status: .running, startedAt: node.startedAt ?? event.at), of: node)]
    }

    private mutating func finish(_ event: DBTLogEvent, _ result: JSONValue?) -> [SubStep] {
        guard let node = event.node else { return [] }
        // The result lines have the warehouse's answer where others have the status.
        let status = result?["status"]?.text ?? (node.status.isEmpty || node.status == "started" ? nil : node.status)
        guard let status else { return [] }
        // The two events of one end come in either order; only the one with the result says all.
        if result == nil, let known = subSteps[node.uniqueID], known.status != .running { return [] }
        let message = (result?["message"]?.text ?? event.data["result_message"]?.text ?? event.data["status"]?.text)
            .flatMap { $0.isEmpty ? nil : redactor.redact($0) }
        var step = subSteps[node.uniqueID] ?? SubStep(name: node.uniqueID, status: .running, startedAt: node.startedAt)
        step.status = Self.status(status, message: message)
        step.endedAt = node.finishedAt ?? event.at
        step.message = message.flatMap(Self.firstWords)
        var details: [String: JSONValue] = ["status": .text(redactor.redact(status))]
        details["materialized"] = node.materialized.map { .text($0) }
        // A number with a fraction, since it has come through protobuf.
        let rows = result?["adapter_response"]?["rows_affected"]
        details["rows_affected"] = rows?.integer.map { .integer($0) } ?? rows?.number.map { .number($0) }
        step.details = .object(details)
        note(check: status, of: node, message: message)
        return [put(step, of: node)]
    }

    private mutating func skip(_ event: DBTLogEvent) -> [SubStep] {
        guard let node = event.node else { return [] }
        var step = subSteps[node.uniqueID] ?? SubStep(name: node.uniqueID, status: .skipped, startedAt: nil)
        guard step.status == .running || step.status == .skipped else { return [] }
        step.status = .skipped
        step.endedAt = event.at
        step.message = "not reached: something that it reads failed"
        return [put(step, of: node)]
    }

    private mutating func put(_ step: SubStep, of node: DBTLogEvent.Node) -> SubStep {
        if subSteps.updateValue(step, forKey: node.uniqueID) == nil { order.append(node.uniqueID) }
        return step
    }

    /// A test of the data is a check of what came out.
    private mutating func note(check status: String, of node: DBTLogEvent.Node, message: String?) {
        guard node.uniqueID.hasPrefix("test."), let id = DBTNodeID(node.uniqueID) else { return }
        let word = status.lowercased()
        guard word != "skipped" else { return }
        let isPassed = word == "pass" || word == "success"
        checks[node.uniqueID] = CheckResult(
            name: id.forms[0],
            severity: word == "warn" ? .warn : .error,
            isPassed: isPassed,
            message: message.flatMap(Self.firstWords)
                ?? (isPassed ? "passed" : "dbt reports '\(redactor.redact(status))'"),
            details: ["unique_id": .text(node.uniqueID)]
        )
    }

    static func status(_ status: String, message: String?) -> SubStepStatus {
        switch status.lowercased() {
        case "success", "pass", "warn":
            DBTOutcome.saysReused(message) ? .unchanged : .succeeded
        case "no-op", "reused": .unchanged
        case "skipped": .skipped
        default: .failed
        }
    }

    /// What a line says to people; `nil` for the blank lines that dbt spaces its output with.
    private static func words(_ event: DBTLogEvent) -> String? {
        let text = event.message.filter { $0 != "\u{1B}" }
        return text.contains { !$0.isWhitespace } ? text : nil
    }

    /// dbt announces what stopped it in a line of its own.
    private static func complaint(_ text: String) -> String? { firstWords(text.trimming("Encountered an error:")) }

    static func firstWords(_ text: String) -> String? {
        let lines = meaningfulLines(text)
        guard let first = lines.first else { return nil }
        let line =
            lines.count > 1 && (first.contains(" Error in ") || first.hasSuffix("Error"))
            ? "\(first): \(lines[1])" : first
        return line.count > 400 ? line.prefix(400) + "…" : line
    }
}

extension String {
    fileprivate func trimming(_ prefix: String) -> String { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self }
}
