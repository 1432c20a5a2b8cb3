/// What a program wrote.
public enum ProcessOutput: Hashable, Sendable {
    /// A line without its end; one of more than 64 KiB comes in pieces. Bytes that are no UTF-8 are replaced.
    case line(ProcessStream, String)
    /// So much is missing here, because it was more than the limit; what follows are the last lines.
    case dropped(ProcessStream, bytes: Int64)
}

public enum ProcessStream: String, Hashable, Sendable, CaseIterable {
    case standardOutput = "stdout"
    case standardError = "stderr"
}

/// How a program ended.
public struct ProcessExit: Hashable, Sendable {
    public enum Status: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// What made it end.
    public enum End: String, Hashable, Sendable, CaseIterable {
        case itself
        case timedOut
        /// It was asked for.
        case stopped
        case overMemory
        case overProcesses
    }

    public var status: Status
    public var end: End
    /// Of its output, beyond the limit.
    public var droppedBytes: Int64
    /// How many processes it left running, which were ended after it.
    public var strays: Int

    public init(_ status: Status, end: End = .itself, droppedBytes: Int64 = 0, strays: Int = 0) {
        self.status = status
        self.end = end
        self.droppedBytes = droppedBytes
        self.strays = strays
    }

    /// Whether it ended by itself, with status 0.
    public var isSuccess: Bool { status == .exited(0) && end == .itself }
}
