internal import FreshetKit
internal import Glibc
private import Synchronization

/// The daemon's own eye on the time of a program, for a keeper that does not keep it.
///
/// The keeper belongs to the same user as its program, which can stop it by a signal. So the daemon does not wait for it
/// without end: some time after the program should have been gone, and only when the keeper is silent too, it ends both.
final class KeeperWatch: Sendable {
    private struct State {
        var age = Duration.zero
        /// How old the program may become; `nil` for any age.
        var most: Duration?
        /// For how long the keeper has said nothing.
        var silence = Duration.zero
        var why = ProcessExit.End.timedOut
        var end: ProcessExit.End?
    }
    /// How much later than its program a keeper that works may end.
    private static let patience = Duration.seconds(5)
    private static let interval = Duration.seconds(1)
    /// How often a tree is gone through that grows while it is ended.
    private static let mostRounds = 100

    private let state: Mutex<State>
    private let grace: Duration
    private let clock: any EngineClock

    init(_ limits: ProcessLimits, _ clock: any EngineClock) {
        self.clock = clock
        grace = limits.grace
        state = Mutex(State(most: limits.time.map { $0 + limits.grace + Self.patience }))
    }

    /// What the program was ended for by the daemon; `nil` when it was not.
    var end: ProcessExit.End? { state.withLock { $0.end } }

    /// The keeper has said something, or somebody has listened to it: what it has to say may be more than is taken up.
    func heard() { state.withLock { $0.silence = .zero } }

    /// The program is being asked to end.
    func expectEnd(_ wish: DaemonLink.Wish) {
        let left = (wish == .stop ? grace : min(grace, .seconds(2))) + Self.patience
        state.withLock { state in
            if let most = state.most, most <= state.age + left { return }
            state.most = state.age + left
            state.why = .stopped
        }
    }

    /// Waits until the keeper should have ended and says nothing.
    ///
    /// Its measure is what it has slept: a wall clock that is set makes nobody older.
    ///
    /// - Returns: false when the task was cancelled first.
    func isOverdue() async -> Bool {
        while !Task.isCancelled {
            do { try await clock.sleep(for: Self.interval) } catch { return false }
            let isOver = state.withLock { state in
                state.age += Self.interval
                state.silence += Self.interval
                guard let most = state.most, state.age >= most, state.silence >= Self.patience else { return false }
                state.end = state.why
                return true
            }
            if isOver { return true }
        }
        return false
    }

    /// Ends everything below the keeper, and then the keeper.
    ///
    /// As long as that lives, and is stopped first, all that its program started is below it, and no number is given away
    /// again.
    func end(keeper: pid_t) {
        kill(keeper, SIGSTOP)
        for _ in 0..<Self.mostRounds {
            let left = ProcessTree.below(keeper).filter { !$0.isZombie }
            if left.isEmpty { break }
            for process in left { kill(process.id, SIGSTOP) }
            for process in left { kill(process.id, SIGKILL) }
        }
        kill(keeper, SIGKILL)
    }
}
