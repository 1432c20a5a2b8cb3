/// One attempt to refresh a semantic model: what to ask the service next, and what its answers mean.
///
/// The machine does nothing itself. Feed it what happened; carry out the action it returns, and feed it what came of
/// that. There is at most one action at a time, and each leads to exactly one event:
///
///     began ─► listHistory ─► commit(prepared) ─► post ─► commit(accepted) ─► sleep, getDetails … ─► commit(end) ─► finish
///                  ▲  │ busy                        │ no answer                   │ stop
///                  └sleep                           ▼                             ▼
///                                     commit(ambiguous), listHistory …     commit, cancelRemote, getDetails …
///
/// What it promises, whatever is fed to it: at most one ``Action/post``, and only after ``Event/committed`` confirmed
/// the intent; success only from an explicit `Completed`; an operation taken up from a former process never posts.
package struct RefreshMachine: Sendable {
    package enum Action: Hashable, Sendable {
        case listHistory(top: Int)
        /// Make this durable before anything else is done.
        case commit(RemoteOperation, RemoteEvent)
        /// Send the request, exactly once, on a connection of its own.
        case post
        case getDetails(id: String)
        case cancelRemote(id: String)
        /// Sleep until this moment, or until the step is asked to stop.
        case sleep(until: Timestamp)
        case finish(RefreshOutcome)
    }

    package enum Event: Hashable, Sendable {
        case began
        case history(RemoteReply<RefreshHistory>)
        case committed
        case commitFailed(CommitFailure)
        case posted(RemoteReply<Acceptance>)
        case details(RemoteReply<RefreshRecord>)
        case cancelAnswered(RemoteReply<Cancellation>)
        case woke
        /// May come at any time, and leads to no action of its own: it is heeded at the next event.
        case stopRequested(StopReason)
    }

    /// The service has taken the request.
    package struct Acceptance: Hashable, Sendable {
        /// `nil` when the answer did not say.
        package var requestID: String?
        package init(requestID: String?) { self.requestID = requestID }
    }

    /// The service has taken the wish to cancel; it does not say when that takes effect.
    package struct Cancellation: Hashable, Sendable {
        package init() {}
    }

    enum Stage: Hashable, Sendable {
        case new
        /// Reading history before a refresh, for the `tries`-th time without an answer.
        case checking(tries: Int)
        case pausing(tries: Int)
        /// Reading the details of somebody else's refresh, to see whether it does our work too.
        case inspecting(RefreshRecord)
        /// Reading the details of somebody else's refresh that has ended, with the history that showed it.
        case examining(RefreshRecord, RemoteReply<RefreshHistory>)
        case waiting
        case committing(RemoteEvent, Next)
        case pausingCommit(RemoteEvent, Next)
        case posting
        case reconciling
        case settling
        /// Reading the details of a refresh that may be the one we asked for.
        case verifying([RefreshRecord])
        case pausingVerification([RefreshRecord])
        case looking
        case lookingInHistory
        case resting
        case cancelling
        case finished
    }

    /// What follows a commit.
    enum Next: Hashable, Sendable {
        case post
        case reconcile
        case look
        case rest
        case cancelRemote
        case finish(RefreshOutcome)
    }

    /// How far a wish to cancel has come over there.
    enum CancelState: Hashable, Sendable {
        case none
        case asked
        case taken
        case refused
    }

    let policy: RefreshPolicy
    /// The type asked for, such as `full`; `nil` when the service chooses.
    let type: String?
    /// When the inputs of this work were read: what began after it is at least as new as what was planned.
    let plannedAt: Timestamp
    /// When the newest change of an input was seen; `nil` when a refresh that began before `plannedAt` may not do.
    let changedAt: Timestamp?
    let deadline: Timestamp
    var operation: RemoteOperation
    var stage = Stage.new
    var chance: Chance
    /// Set once, when the end was asked for or the deadline was noticed.
    var stop: (reason: StopReason, at: Timestamp)?
    var interval: Duration
    /// When our refresh was last known to exist.
    var lastSeen: Timestamp
    var lastRecord: RefreshRecord?
    /// True when the service has refused details of it, as it does for standard refreshes.
    var readsHistory = false
    var cancelState = CancelState.none
    /// Somebody else's refresh that stands in the way.
    var foreignID: String?
    /// When reconciling began.
    var reconcilingSince: Timestamp
    /// How many of ``RefreshPolicy/reconcileAfter`` have been used up.
    var readings = 0
    /// The request was throttled: one clean reading of history proves that it had no effect.
    var isThrottled = false
    /// The service asked for no further request before this moment.
    var throttledUntil: Timestamp?
    /// The request ids that other operations of ours go by.
    var ownedIDs: Set<String> = []
    /// When the service's daily quota has room again, as far as history shows.
    var quotaFreeAt: Timestamp?
    var isExternal = false
    /// See ``RefreshReport/anomalies``.
    var anomalies: Set<String> = []

    /// - Parameters:
    ///   - operation: what is to be done, or what a former process left behind.
    ///   - isResuming: which of the two it is.
    ///   - type: the processing type of the request; a refresh of another type is never taken for ours.
    ///   - plannedAt: when the inputs were read, by our clock.
    ///   - changedAt: when the newest change of an input was seen, by our clock: with ``RefreshPolicy/OnConflict/adopt``
    ///     a refresh by others that began after it does our work too. `nil` where that is not known or not wanted.
    ///   - policy: how patient to be.
    ///   - seed: fixes the jitter.
    package init(
        _ operation: RemoteOperation,
        isResuming: Bool,
        type: String?,
        plannedAt: Timestamp,
        changedAt: Timestamp? = nil,
        policy: RefreshPolicy,
        seed: UInt64
    ) {
        self.policy = policy
        self.type = type
        self.plannedAt = plannedAt
        self.changedAt = changedAt
        self.operation = operation
        self.isResuming = isResuming
        deadline = operation.deadline ?? operation.preparedAt + policy.longestRefresh
        self.operation.deadline = deadline
        chance = Chance(seed: seed)
        interval = policy.pollInterval
        lastSeen = operation.preparedAt
        reconcilingSince = operation.preparedAt
    }

    private let isResuming: Bool

    /// - Returns: one action; none for an event that nobody waits for, such as a late or repeated one.
    package mutating func handle(_ event: Event, at now: Timestamp) -> [Action] {
        if stop == nil, now >= deadline { stop = (.deadline, now) }
        switch (stage, event) {
        case (.finished, _): return []
        case (_, .stopRequested(let reason)):
            if stop == nil { stop = (reason, now) }
            return []
        case (.new, .began): return begin(at: now)
        case (.checking(let tries), .history(let reply)): return checked(reply, tries: tries, at: now)
        case (.pausing(let tries), .woke): return check(tries: tries, at: now)
        case (.waiting, .woke): return check(tries: 0, at: now)
        case (.inspecting(let foreign), .details(let reply)): return inspected(foreign, reply, at: now)
        case (.examining(let foreign, let history), .details(let reply)):
            return examined(foreign, reply, history, at: now)
        case (.committing(_, let next), .committed): return proceed(next, at: now)
        case (.committing(let event, let next), .commitFailed(let failure)):
            return notCommitted(failure, event, next, at: now)
        case (.pausingCommit(let event, let next), .woke): return commit(event, then: next)
        case (.posting, .posted(let reply)): return posted(reply, at: now)
        case (.reconciling, .history(let reply)): return reconcile(with: reply, at: now)
        case (.settling, .woke): return readAgain(at: now)
        case (.verifying(let candidates), .details(let reply)): return verified(candidates, reply, at: now)
        case (.pausingVerification(let candidates), .woke): return verify(candidates, at: now)
        case (.looking, .details(let reply)): return looked(reply, at: now)
        case (.lookingInHistory, .history(let reply)): return lookedInHistory(reply, at: now)
        case (.resting, .woke): return cancelState == .asked ? cancelRemote() : look(at: now)
        case (.cancelling, .cancelAnswered(let reply)): return cancelAnswered(reply, at: now)
        default: return []
        }
    }

    private mutating func begin(at now: Timestamp) -> [Action] {
        lastSeen = now
        guard isResuming else { return check(tries: 0, at: now) }
        switch operation.state {
        case .prepared:
            // The bytes may have left before the process ended; sending again could refresh twice.
            return commit(.ambiguous, "found_after_restart", then: .reconcile, at: now)
        case .ambiguous:
            return beginReconciling(at: now)
        case .accepted:
            if operation.cancelRequestedAt != nil {
                stop = stop ?? (.cancelled, now)
                cancelState = .asked
            }
            return look(at: now)
        case .rejected, .notFound, .unresolved, .completed, .failed, .cancelled, .lost:
            return finish(outcomeOfFormerEnd)
        }
    }

    /// The end was written down, but the process ended before the step's was.
    private var outcomeOfFormerEnd: RefreshOutcome {
        switch operation.state {
        case .completed: .succeeded(report)
        case .rejected: failure(.remoteFailed, .later, "the request was refused before the engine restarted")
        case .notFound: failure(.notFound, policy.afterNotFound, "the request was found to have had no effect")
        case .unresolved: failure(.unresolved, .never, "it cannot be known whether the request was accepted")
        case .failed: failure(.remoteFailed, .later, "the refresh failed before the engine restarted")
        case .cancelled where operation.requestID == nil || operation.cancelRequestedAt != nil:
            .stopped(isRemoteStopped: true, report)
        case .cancelled: failure(.remoteCancelled, .later, "the refresh was cancelled before the engine restarted")
        case .lost where operation.cancelRequestedAt != nil: .stopped(isRemoteStopped: false, report)
        case .lost, .prepared, .ambiguous, .accepted:
            failure(.lostRemote, .later, "the refresh was given up before the engine restarted")
        }
    }
}
