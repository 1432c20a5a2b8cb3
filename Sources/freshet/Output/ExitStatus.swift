/// The numbers that a command ends with; stable, and listed in docs/cli.md.
enum ExitStatus: Int32, Error, Sendable {
    case success = 0
    /// A run finished, and not with success; `secrets check` found a secret that cannot be used.
    case runFailed = 1
    case usage = 2
    /// `plan --detailed-exitcode`: something would run.
    case changesPending = 3
    /// `check` found a mistake.
    case checkFailed = 4
    /// `status --fail-if-late`: something is late.
    case late = 5
    /// The configuration or the store is invalid.
    case invalid = 65
    case daemonUnreachable = 69
    case internalError = 70
    /// Another daemon holds the store.
    case storeHeld = 75
    case notPermitted = 77
    /// `--timeout` passed while waiting.
    case timedOut = 124
    case interrupted = 130
}
