/// The state of one run: which steps have settled, which may start, and how the run ends.
///
/// The machine does nothing itself. Feed it what happened; carry out the actions it returns, in their order.
/// A report costs time linear in the edges it settles; equal reports in equal order give equal actions.
///
/// A step is *running* from its launch until it settles, through every attempt and the waits between them:
///
///     waiting ──► running(attempt 1) ──► succeeded
///        │            │    ▲
///        ▼            ▼    │ due(at:)
///     skipped       retrying ──► failed, cancelled
public struct RunMachine: Sendable {
    /// What the engine has to do next.
    public enum Action: Hashable, Sendable {
        /// Begin an attempt. How much to refresh follows from the causes; see ``Extent``.
        case launch(AssetKey, attempt: Int, because: [Cause])
        case record(Materialization)
        case recordSkip(AssetKey, SkipReason)
        /// The attempt failed and another follows at that moment; see ``nextDeadline``.
        case retry(AssetKey, attempt: Int, at: Timestamp)
        /// Ask the running attempt to end; its report decides how the step ends.
        case stop(AssetKey, StopReason)
        /// The step ended without success.
        case recordFailure(AssetKey, StepFailure)
        case finish(RunStatus)
    }

    private struct Running {
        var provenance: Provenance
        var causes: [Cause]
        var attempt = 1
        /// When the present attempt has to have ended; `nil` while it has not started.
        var deadline: Timestamp?
        /// When the next attempt is due; set only between attempts.
        var retryAt: Timestamp?
        /// How it was put off so far; not counted as attempts.
        var parking: Parking?
        var isStopping = false
    }

    private let graph: AssetGraph
    private var findings: Findings
    private var chance: Chance
    /// What a former process decided already.
    private let decided: [AssetKey: Decision]
    /// How many upstreams of each asset, within this run, have not settled.
    private var waiting: [AssetKey: Int] = [:]
    private var ready: [AssetKey] = []
    private var running: [AssetKey: Running] = [:]
    /// The steps that have a deadline or a retry, by moment.
    private var timers = Timers<AssetKey>()
    private var unsettled: Int
    private var hasFailure = false
    private var isCancelled = false
    private var isFinished = false

    /// - Parameters:
    ///   - input: what the run is made from; only what it selects is worked on.
    ///   - seed: fixes the jitter of retries.
    ///   - decided: for a run that a former process began, the decisions that it has acted on.
    public init(_ input: PlanInput, seed: UInt64 = 0, decided: [AssetKey: Decision] = [:]) {
        graph = input.graph
        self.decided = decided
        findings = Findings(input)
        chance = Chance(seed: seed)
        let scope = input.selected.map { input.graph.ancestry(of: $0) } ?? input.graph.ordered
        unsettled = scope.count
        let included = Set(scope.lazy.map(\.key))
        for asset in scope {
            let upstreams = asset.upstreams.count { included.contains($0) }
            waiting[asset.key] = upstreams
            if upstreams == 0 { ready.append(asset.key) }
        }
    }

    /// The earliest moment at which ``due(at:)`` has something to do.
    public var nextDeadline: Timestamp? { timers.first }

    /// What an attempt that is launched now would be told; for evidence.
    public func evidence(for asset: AssetKey) -> [Evidence] { graph[asset].map(findings.evidence) ?? [] }

    public mutating func start(at now: Timestamp) -> [Action] { advance() }

    /// An attempt got its slot and begins; from here its timeout counts.
    ///
    /// - Parameters:
    ///   - asset: the step.
    ///   - now: the present moment.
    ///   - deadline: the stored deadline of an attempt that a former process began.
    /// - Returns: when the attempt has to have ended; `nil` for no limit.
    public mutating func began(_ asset: AssetKey, at now: Timestamp, deadline: Timestamp? = nil) -> Timestamp? {
        guard running[asset] != nil else { return nil }
        let end = deadline ?? graph[asset]?.policy.timeout.map { now + $0 }
        running[asset]?.deadline = end
        if let end { timers.set(asset, end) }
        return end
    }

    /// Takes up the count of attempts that a former process made.
    ///
    /// - Parameters:
    ///   - asset: the step.
    ///   - attempt: the number of the attempt that goes on.
    ///   - codeVersion: what the attempt began with; `nil` for the present one.
    ///   - parking: how it was put off so far.
    public mutating func resume(
        _ asset: AssetKey,
        attempt: Int,
        codeVersion: String? = nil,
        parking: Parking? = nil
    ) {
        running[asset]?.attempt = attempt
        running[asset]?.parking = parking
        if let codeVersion { running[asset]?.provenance.codeVersion = codeVersion }
    }

    /// Puts a step between its attempts, as a former process left it.
    public mutating func resumeRetry(
        _ asset: AssetKey,
        attempt: Int,
        at moment: Timestamp,
        parking: Parking? = nil
    ) -> [Action] {
        guard running[asset] != nil else { return [] }
        running[asset]?.attempt = attempt
        running[asset]?.parking = parking
        running[asset]?.retryAt = moment
        timers.set(asset, moment)
        return [.retry(asset, attempt: attempt, at: moment)]
    }

    /// Ignores a step that is not running: after a restart, late and repeated reports are normal.
    ///
    /// - Parameters:
    ///   - asset: the step.
    ///   - version: what came out; `nil` for a hash of what went in.
    ///   - nonce: what tells this success from others of the same inputs; see ``Provenance/version(nonce:)``.
    /// - Returns: what to do next.
    public mutating func succeeded(_ asset: AssetKey, version: DataVersion? = nil, nonce: String? = nil) -> [Action] {
        guard let step = running.removeValue(forKey: asset) else { return [] }
        timers.clear(asset)
        let isUnverified = step.causes.contains { cause in
            switch cause {
            case .forced, .maxSkipPassed, .dayChanged, .scheduled, .inputUnverifiable: true
            default: false
            }
        }
        // It was up to date: to everything below it, nothing has happened.
        let isShadow = step.causes.allSatisfy { if case .shadowed = $0 { true } else { false } }
        let kept = isShadow && !step.causes.isEmpty ? findings.input.recorded[asset]?.version : nil
        let version = version ?? kept ?? step.provenance.version(nonce: isUnverified ? nonce : nil)
        findings.succeeded(asset, version: version)
        settle(asset)
        return [.record(Materialization(asset: asset, version: version, provenance: step.provenance))] + advance()
    }

    /// Ignores a step that is not running, like ``succeeded(_:version:nonce:)``.
    public mutating func failed(_ asset: AssetKey, _ failure: StepFailure, at now: Timestamp) -> [Action] {
        guard let step = running[asset], step.retryAt == nil else { return [] }
        timers.clear(asset)
        if failure.retry != .never, !isCancelled, let (moment, parking) = next(after: failure, of: asset, step, at: now)
        {
            running[asset] = Running(
                provenance: step.provenance,
                causes: step.causes,
                attempt: step.attempt + 1,
                retryAt: moment,
                parking: parking
            )
            timers.set(asset, moment)
            return [.retry(asset, attempt: step.attempt + 1, at: moment)]
        }
        return end(asset, failure)
    }

    /// When the next attempt is due: as the retry policy says, and not before the other side allows it.
    ///
    /// What the other side only puts off is parked; that takes no attempt from the policy, and needs none.
    private mutating func next(
        after failure: StepFailure,
        of asset: AssetKey,
        _ step: Running,
        at now: Timestamp
    ) -> (at: Timestamp, parking: Parking?)? {
        let policy = graph[asset]?.policy.retry ?? RetryPolicy()
        let wait = policy.wait(afterAttempt: step.attempt - (step.parking?.count ?? 0), chance: chance.next())
        if failure.isThrottling, let notBefore = failure.notBefore {
            let moment = max(notBefore, now + max(wait ?? .zero, Parking.shortest))
            return Parking.adding(to: step.parking, until: moment, at: now).map { (moment, $0) }
        }
        guard let wait else { return nil }
        let moment = failure.retry == .now ? now : now + wait
        return (max(moment, failure.notBefore ?? moment), step.parking)
    }

    /// How a step has been put off so far.
    public func parking(of asset: AssetKey) -> Parking? { running[asset]?.parking }

    /// The attempt found that nothing may be done now; that is no failure, and what was made before stands.
    ///
    /// Ignores a step that is not running, like ``succeeded(_:version:nonce:)``.
    public mutating func held(_ asset: AssetKey, _ reason: SkipReason) -> [Action] {
        guard running.removeValue(forKey: asset) != nil else { return [] }
        timers.clear(asset)
        findings.putOff(asset, reason)
        settle(asset)
        return [.recordSkip(asset, reason)] + advance()
    }

    /// Ends the whole run: what has not begun is skipped, what runs is asked to stop.
    public mutating func cancel(at now: Timestamp) -> [Action] {
        guard !isCancelled, !isFinished else { return [] }
        isCancelled = true
        var actions: [Action] = []
        for asset in running.keys.sorted() {
            if running[asset]?.retryAt != nil {
                actions += end(asset, StepFailure(.cancelled, .never, message: "cancelled between two attempts"))
            } else {
                running[asset]?.isStopping = true
                actions.append(.stop(asset, .cancelled))
            }
        }
        return actions + advance()
    }

    /// Begins the attempts whose time has come, and stops those whose deadline has passed.
    public mutating func due(at now: Timestamp) -> [Action] {
        var actions: [Action] = []
        for asset in timers.due(at: now) {
            guard let step = running[asset] else { continue }
            if step.retryAt != nil {
                running[asset]?.retryAt = nil
                actions.append(.launch(asset, attempt: step.attempt, because: step.causes))
            } else if !step.isStopping {
                running[asset]?.isStopping = true
                actions.append(.stop(asset, .deadline))
            }
        }
        return actions
    }

    private mutating func end(_ asset: AssetKey, _ failure: StepFailure) -> [Action] {
        running[asset] = nil
        timers.clear(asset)
        findings.failed(asset)
        hasFailure = true
        settle(asset)
        return [.recordFailure(asset, failure)] + advance()
    }

    /// Wakes the dependents that waited for nothing else.
    private mutating func settle(_ asset: AssetKey) {
        unsettled -= 1
        for dependent in graph.dependents(of: asset) {
            guard let count = waiting[dependent] else { continue }
            waiting[dependent] = count - 1
            if count == 1 { ready.append(dependent) }
        }
    }

    /// Launches or settles everything that is ready, and what becomes ready by that.
    private mutating func advance() -> [Action] {
        var actions: [Action] = []
        var next = 0
        while next < ready.count {
            let key = ready[next]
            next += 1
            guard let asset = graph[key] else { continue }
            switch findings.consider(asset, decided: decided[key]) {
            case .run where isCancelled, .wait where isCancelled:  // What it waits for will not be settled.
                actions.append(.recordSkip(key, .cancelled))
                settle(key)
            case .run(let causes):
                running[key] = Running(provenance: findings.provenance(of: asset), causes: causes)
                actions.append(.launch(key, attempt: 1, because: causes))
            case .skip(let reason):
                actions.append(.recordSkip(key, reason))
                settle(key)
            case nil, .wait:  // `wait` is for plans: here everything upstream has settled.
                settle(key)
            }
        }
        ready.removeAll()
        if unsettled == 0, !isFinished {
            isFinished = true
            actions.append(.finish(isCancelled ? .cancelled : hasFailure ? .failed : .succeeded))
        }
        return actions
    }
}
