/// One of the things that the work of a step consists of, such as a node of a dbt build or a task of a job.
public struct SubStep: Hashable, Sendable {
    /// Unique within an attempt.
    public var name: String
    public var status: SubStepStatus
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var message: String?
    public var details: JSONValue

    public init(
        name: String,
        status: SubStepStatus,
        startedAt: Timestamp? = nil,
        endedAt: Timestamp? = nil,
        message: String? = nil,
        details: JSONValue = .object([:])
    ) {
        self.name = name
        self.status = status
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.message = message
        self.details = details
    }
}

public enum SubStepStatus: String, Hashable, Sendable, CaseIterable {
    case running
    case succeeded
    /// Done, and found that nothing had to change.
    case unchanged
    case failed
    case skipped
}

/// A line that the work of a step wrote.
public struct LogLine: Hashable, Sendable {
    public enum Level: String, Hashable, Sendable, CaseIterable {
        case debug
        case info
        case warning
        case error
    }

    public var at: Timestamp
    public var level: Level
    public var message: String

    public init(at: Timestamp, level: Level = .info, message: String) {
        self.at = at
        self.level = level
        self.message = message
    }
}
