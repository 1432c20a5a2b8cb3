package import FreshetCore
import FreshetKit

extension World {
    /// What the service is known to allow where a kind does not say: shared capacity of Power BI.
    private static let usualQuota = Quota(limit: 8, window: .seconds(24 * 3600))

    /// Reads the refreshes that still count towards a quota.
    mutating func loadUses(from store: any RunStore, at now: Timestamp) async throws(StoreError) {
        for (asset, quota) in quotas {
            for run in try await store.runs(RunQuery(asset: asset, limit: 50)) {
                // A run that is older may have worked on it later: a day is the longest park.
                guard run.createdAt + quota.window + Parking.longest > now else { break }
                for detail in try await store.run(run.id)?.operations ?? [] {
                    let operation = detail.operation
                    guard operation.asset == asset, operation.isOwnUse else { continue }
                    uses[asset, default: [:]][operation.id] = operation.preparedAt
                }
            }
        }
    }

    /// Why an attempt may not begin whatever its run says; a person who forces it may try.
    func obstacle(to asset: AssetKey, _ causes: [Cause], at now: Timestamp) -> SkipReason? {
        guard let quota = quotas[asset], !causes.contains(.forced),
            quota.opening(after: (uses[asset] ?? [:]).values, at: now) != nil
        else { return nil }
        return .quotaExhausted
    }

    /// Notes what an attempt found in its way, so that it is not found again at once.
    package mutating func hold(_ asset: AssetKey, for reason: SkipReason, at now: Timestamp) {
        switch reason {
        case .quotaExhausted:
            holds[asset] = Pace.History.Hold(until: quotaOpening(of: asset, refusedAt: now), .quotaExhausted)
        case .foreignRefreshRunning:
            holds[asset] = Pace.History.Hold(until: now + Pace.failureWait, .foreignRefreshRunning)
        default: break
        }
    }

    /// What another side holds an asset for, at or after this moment.
    func hold(of asset: AssetKey, at now: Timestamp) -> Pace.History.Hold? {
        var found = [holds[asset]].compactMap { $0 }
        if let opening = quotas[asset]?.opening(after: (uses[asset] ?? [:]).values, at: now) {
            found.append(Pace.History.Hold(until: opening, .quotaExhausted))
        }
        if let step = lastSteps[asset]?.step, step.status == .failed, let failure = step.failure, failure.isThrottling {
            let isQuota = failure.code == .quotaExhausted
            let end = isQuota ? step.endedAt.map { quotaOpening(of: asset, refusedAt: $0) } : nil
            if let until = failure.notBefore ?? end {
                found.append(Pace.History.Hold(until: until, isQuota ? .quotaExhausted : .throttled))
            }
        }
        return found.max { $0.until < $1.until }
    }

    /// Takes up what a former process was held for, as its triggers tell.
    mutating func restoreHolds(_ triggers: [TriggerRecord]) {
        for trigger in triggers {
            guard let delay = trigger.delay.flatMap(Pace.Delay.init), trigger.targets.count == 1,
                delay == .quotaExhausted || delay == .foreignRefreshRunning
            else { continue }
            holds[trigger.targets[0]] = Pace.History.Hold(until: trigger.dueAt, delay)
        }
    }

    private func quotaOpening(of asset: AssetKey, refusedAt moment: Timestamp) -> Timestamp {
        (quotas[asset] ?? Self.usualQuota).openingAfterRefusal((uses[asset] ?? [:]).values, at: moment)
    }
}

extension RemoteOperation {
    /// Whether the service took it as a refresh that we asked for.
    var isOwnUse: Bool { requestID != nil && !isAdopted }
}
