/// The seam to other programs: runs one, contained, to its end.
///
/// A program runs in a session of its own, sees only the environment that its command states, and is ended together
/// with everything that it started: when it returns, nothing of it lives.
public protocol ProcessLauncher: Sendable {
    /// Runs a program to its end.
    ///
    /// Cancelling the task ends the program within two seconds. A raised `stop` asks it to end, and ends it after the
    /// grace of its limits.
    ///
    /// - Parameters:
    ///   - command: the program, and all that it is given.
    ///   - stop: ends it when it is raised.
    ///   - output: is told each line in the order of its stream; the program waits while it is being told.
    /// - Returns: how it ended; nothing of it lives.
    /// - Throws: ``ProcessError`` when the program could not be run, or was lost sight of.
    func run(
        _ command: ProcessCommand,
        stop: StopSignal?,
        output: @escaping @Sendable (ProcessOutput) async -> Void
    ) async throws(ProcessError) -> ProcessExit
}

/// Why a program did not run to an end that is known.
public enum ProcessError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing here runs programs.
    case unavailable
    /// The program could not be executed; the reason is the system's.
    case cannotStart(program: String, reason: String)
    /// What keeps the program ended before it; what was left of the program has been ended.
    case lost(program: String, reason: String)

    public var description: String {
        switch self {
        case .unavailable: "programs cannot be run here"
        case .cannotStart(let program, let reason): "\(program) cannot be started: \(reason)"
        case .lost(let program, let reason): "\(program) was lost: \(reason)"
        }
    }
}

/// Runs nothing: for where nothing has to be run.
public struct NoProcesses: ProcessLauncher {
    public init() {}

    public func run(
        _ command: ProcessCommand,
        stop: StopSignal?,
        output: @escaping @Sendable (ProcessOutput) async -> Void
    ) async throws(ProcessError) -> ProcessExit { throw .unavailable }
}
