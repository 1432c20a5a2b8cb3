public import FreshetCore

/// How one asset stands at one moment, for people: the command line and the pages show the same.
public struct AssetStatus: Sendable {
    /// What a reader has to know first.
    public enum State: String, Sendable, CaseIterable {
        /// A run works on it now.
        case refreshing
        /// A run wants to work on it, and the service has asked it to wait.
        case parked
        /// Its last attempt failed, and it is still stale; or its run waits for the next attempt.
        case failed
        /// Something upstream failed, is missing, or cannot be verified.
        case held
        /// Inputs differ from what its last success consumed.
        case stale
        /// It has inputs that Freshet has not seen.
        case unknown
        case paused
        case upToDate = "up_to_date"
    }

    public var asset: AssetSpec
    public var state: State
    /// What would be decided now.
    public var decision: Decision
    public var evidence: [Evidence]
    /// `nil` when the asset has no freshness policy.
    public var freshness: FreshnessState?
    /// As of when what it shows is known to be right; `nil` when it has never been refreshed.
    public var dataTime: Timestamp?
    public var lastMaterialized: Timestamp?
    public var lastChanged: Timestamp?
    public var lastVerified: Timestamp?
    public var lastStep: StepRecord?
    /// The next thing that will happen by itself, and when.
    public var nextRun: TriggerRecord?
    /// When its run tries again, on the project's clocks; `nil` when no run does.
    public var triesAgain: String?
    /// What the service asked to wait for; set while ``state`` is ``State/parked``.
    public var park: Park?

    /// A wait that the service asked for.
    public struct Park: Hashable, Sendable {
        /// Such as "Power BI".
        public var system: String
        public var code: FailureCode
        public var until: Timestamp
        /// ``until`` on the project's clocks, with the date where it is not today.
        public var time: String

        /// A clause such as "throttled by Power BI until 14:05".
        public var reason: String {
            switch code {
            case .quotaExhausted: "the refreshes that \(system) allows are used up until \(time)"
            default: "throttled by \(system) until \(time)"
            }
        }
    }

    public var isLate: Bool { if case .late? = freshness { true } else { false } }

    /// Why, as a clause, where ``state`` stands beside it.
    public var reason: String {
        switch state {
        case .refreshing: "a run works on it"
        case .parked: park?.reason ?? "a run waits to work on it"
        case .failed: failure(lastStep?.failure?.message)
        case .held, .paused, .stale, .unknown, .upToDate: decision.reason(evidence)
        }
    }

    /// One sentence of why, beginning with what follows the asset's name.
    public var sentence: String {
        switch state {
        case .refreshing: "is being refreshed"
        case .parked: "is waiting: \(reason)"
        case .failed: "failed: \(failure(lastStep?.failure.map { Self.clause($0.message) }))"
        case .upToDate: "is up to date: \(decision.reason(evidence))"
        case .stale: "is stale: \(decision.reason(evidence))"
        case .paused: "is paused: \(decision.reason(evidence))"
        case .held, .unknown: decision.sentence(evidence)
        }
    }

    private func failure(_ message: String?) -> String {
        let message = message ?? "its last attempt did not succeed"
        return triesAgain.map { "\(Self.clause(message)); it is tried again at \($0)" } ?? message
    }

    /// Somebody else's sentence without its full stop, as ours go on behind it.
    private static func clause(_ text: String) -> String { text.hasSuffix(".") ? String(text.dropLast()) : text }
}

/// How every asset that Freshet works on stands.
public struct ProjectStatus: Sendable {
    public var at: Timestamp
    /// In graph order.
    public var assets: [AssetStatus]
    public var isPaused: Bool
    public var running: [RunRecord]

    /// - Parameters:
    ///   - project: the definitions.
    ///   - snapshot: what the store holds.
    ///   - now: the present moment.
    ///   - zone: the rules of a time zone by its name.
    public init(_ project: Project, _ snapshot: StoreSnapshot, at now: Timestamp, zone: (String) -> TimeZoneRules) {
        at = now
        isPaused = snapshot.isPaused
        running = snapshot.unfinishedRuns.map(\.run)
        let plan = Plan(project.planInput(snapshot, at: now))
        let parks = Self.parks(in: project, snapshot, at: now)
        var active: Set<AssetKey> = []
        var retries: [AssetKey: StepRecord] = [:]
        for run in snapshot.unfinishedRuns {
            for step in run.steps where !step.status.isFinished && step.status != .waiting { active.insert(step.asset) }
            for step in run.steps where step.status == .retrying && step.failure != nil { retries[step.asset] = step }
        }
        let clocks = project.zone(project.timeZone)
        let looks = Self.looks(in: project, snapshot)
        var next: [AssetKey: TriggerRecord] = [:]
        for trigger in snapshot.pendingTriggers {
            for target in trigger.targets { next[target] = next[target] ?? trigger }
        }
        assets = plan.steps.compactMap { step in
            guard let spec = project.graph[step.asset] else { return nil }
            var status = Self.status(of: spec, step, snapshot, active, looks)
            status.nextRun = next[step.asset]
            if let retry = retries[step.asset] {
                (status.state, status.lastStep) = (.failed, retry)
                status.triesAgain = retry.retryAt?.clock(in: clocks, at: now)
            }
            if let park = parks[step.asset] { (status.state, status.park) = (.parked, park) }
            status.freshness = spec.policy.freshness.map {
                $0.state(dataTime: status.dataTime, now: now, zone: zone($0.by?.timeZone ?? "UTC"))
            }
            return status
        }
    }

    private static func status(
        of spec: AssetSpec,
        _ step: Plan.Step,
        _ snapshot: StoreSnapshot,
        _ active: Set<AssetKey>,
        _ looks: [AssetKey: Timestamp]
    ) -> AssetStatus {
        let last = snapshot.lastSteps[spec.key]?.step
        let changes = step.evidence.compactMap { snapshot.observations[$0.input.key]?.changedAt }
        return AssetStatus(
            asset: spec,
            state: state(of: spec, step, last, snapshot, active),
            decision: step.decision,
            evidence: step.evidence,
            dataTime: dataTime(of: spec.key, step, snapshot, looks),
            lastMaterialized: snapshot.materializations[spec.key]?.at,
            lastChanged: changes.max(),
            lastVerified: step.evidence.compactMap { looks[$0.input.key] }.min(),
            lastStep: last
        )
    }

    /// When each observed asset was last known to be as it is.
    ///
    /// A probe knows at each look that answers. What a source yields is known when its owner said so: a dbt node when a
    /// run that names it was seen, not when there was no new run. So data that dbt stopped building grows old.
    private static func looks(in project: Project, _ snapshot: StoreSnapshot) -> [AssetKey: Timestamp] {
        var looks = snapshot.observations.mapValues(\.verifiedAt)
        for asset in project.assets {
            guard case .probed = asset.work, let seen = snapshot.observations[asset.spec.key],
                seen.observation.version != .unknown, let look = snapshot.lastLooks[asset.spec.key.path]
            else { continue }
            looks[asset.spec.key] = max(seen.verifiedAt, look)
        }
        return looks
    }

    private static func state(
        of spec: AssetSpec,
        _ step: Plan.Step,
        _ last: StepRecord?,
        _ snapshot: StoreSnapshot,
        _ active: Set<AssetKey>
    ) -> AssetStatus.State {
        if active.contains(spec.key) { return .refreshing }
        if snapshot.isPaused || snapshot.pauses.contains(spec.key) { return .paused }
        switch step.decision {
        case .run, .wait: return last?.status == .failed ? .failed : .stale
        case .skip(.upstreamMissing(let key)): return snapshot.observations[key] == nil ? .unknown : .held
        case .skip(let reason): return reason.isHeld ? .held : .upToDate
        }
    }

    /// As of when what the asset shows is known to be right.
    ///
    /// While it is up to date that is the oldest of its inputs' last looks: nothing had moved then. Afterwards it is the
    /// moment at which it first was not. An input that declares its data's own time goes before its look.
    private static func dataTime(
        of asset: AssetKey,
        _ step: Plan.Step,
        _ snapshot: StoreSnapshot,
        _ looks: [AssetKey: Timestamp]
    ) -> Timestamp? {
        guard let last = snapshot.materializations[asset] else { return nil }
        if let own = last.dataTime { return own }
        let looks = step.evidence.compactMap { looks[$0.input.key] }
        switch step.decision {
        case .skip(.upstreamFailed(let culprit)):
            let since = snapshot.observations[culprit]?.changedAt
            return max(last.startedAt, (looks + [since].compactMap { $0 }).min() ?? last.startedAt)
        case .skip(.upToDate), .skip(.notSelected), .skip(.nothingSelected):
            return max(last.startedAt, looks.min() ?? last.startedAt)
        case .run, .wait, .skip: return snapshot.staleSince[asset].map { max(last.startedAt, $0) } ?? last.startedAt
        }
    }
}
