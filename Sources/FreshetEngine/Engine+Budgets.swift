public import FreshetCore
import FreshetKit
import Logging

extension Engine {
    /// Every budget that an asset may be charged to, as a former process left it.
    static func budgets(of project: Project, _ snapshot: StoreSnapshot, at now: Timestamp) -> Budgets {
        var limits = Dictionary(project.pools.map { (BudgetRecord.pool($0), $1) }) { first, _ in first }
        // What has no limit of its own can be throttled all the same.
        for name in project.assets.lazy.flatMap(\.budgets) where limits[name] == nil { limits[name] = Budget.Limits() }
        var budgets = Budgets(limits: limits)
        for record in snapshot.budgets.values { budgets.restore(record, at: now) }
        return budgets
    }

    static func requests(of project: Project, _ connections: Connections) -> [String: RequestBudget] {
        var found: [String: RequestBudget] = [:]
        for connection in project.connections {
            if let budget = connections[connection.name]?.requests {
                found[BudgetRecord.connection(connection.name)] = budget
            }
        }
        return found
    }

    /// Takes what connections were told since the last look into the budgets.
    ///
    /// To be called inside ``exclusively(_:)``.
    func noticeThrottling(at now: Timestamp) async {
        for (name, budget) in requests {
            guard let news = budget.takeNews() else { continue }
            await throttle(name, until: news.until, reason: news.reason, times: news.times, at: now)
        }
    }

    /// Charges a refusal to the budget that it is about, before anything else begins on that.
    ///
    /// A moment at which to ask again is said to the service principal. Without one it was the refresh that got nowhere:
    /// its capacity has too much to do. A connection that paces its calls has told of its refusals already.
    func notice(_ failure: StepFailure, of asset: AssetKey, at now: Timestamp) async {
        guard failure.code == .throttled else { return }
        let definition = world.definitions[asset]
        let connection = definition?.connection.map(BudgetRecord.connection)
        let pool = definition?.spec.policy.pool.map(BudgetRecord.pool)
        guard let name = failure.notBefore == nil ? pool ?? connection : connection ?? pool, requests[name] == nil
        else { return }
        await throttle(name, until: failure.notBefore, reason: failure.message, times: 1, at: now)
    }

    /// An attempt that was throttled waits at least as long as everything on its connection.
    func withMoment(_ outcome: StepOutcome, of asset: AssetKey, at now: Timestamp) -> StepOutcome {
        guard case .failed(var failure) = outcome, failure.code == .throttled, failure.notBefore == nil,
            let connection = world.definitions[asset]?.connection,
            let until = requests[BudgetRecord.connection(connection)]?.blockedUntil, until > now
        else { return outcome }
        failure.notBefore = until
        return .failed(failure)
    }

    private func throttle(_ name: String, until: Timestamp?, reason: String, times: Int, at now: Timestamp) async {
        let event = budgets.throttled(name, until: until, reason: reason, times: times, at: now)
        guard let (record, isNew) = event else { return }
        if isNew {
            let wait = (record.blockedUntil - now).briefly
            let limit = record.limit.map { ", and then at most \($0) at once" } ?? ""
            log.warning("\(name) is throttled: nothing more begins on it for \(wait)\(limit) (\(reason))")
        }
        _ = await append([.throttled(record)])
        runTimers.ring()
    }

    /// Counts an accepted refresh of our own where the service counts them.
    func noticeUse(_ operation: RemoteOperation) {
        guard operation.isOwnUse, world.quotas[operation.asset] != nil else { return }
        world.uses[operation.asset, default: [:]][operation.id] = operation.preparedAt
    }
}

extension Engine {
    /// How many requests could go out at once, by the name of each connection that paces them.
    public func requestTokens() -> [String: Int] {
        var found: [String: Int] = [:]
        for connection in project.connections {
            found[connection.name] = requests[BudgetRecord.connection(connection.name)]?.tokens
        }
        return found
    }

    /// How many of our own refreshes count towards the quota of each asset that has one, and how many it allows.
    public func quotaUses() -> [AssetKey: (used: Int, limit: Int)] {
        let now = clock.now
        var found: [AssetKey: (used: Int, limit: Int)] = [:]
        for (asset, quota) in world.quotas {
            let used = (world.uses[asset] ?? [:]).values.count { $0 + quota.window > now }
            found[asset] = (used, quota.limit)
        }
        return found
    }
}
