import FreshetCore
import FreshetKit
import Synchronization

/// The world outside the engine, as a test tells it: what probes see, and how work ends.
final class Outside: Sendable {
    /// How an attempt goes.
    enum Work: Sendable {
        case succeed(DataVersion?)
        case fail(RetryClass)
        /// Ends like this.
        case end(StepOutcome)
        /// Waits for ``finish(_:_:)``, the stop signal, or the end of the process.
        case hold
        /// Waits for ``finish(_:_:)`` alone.
        case ignore
        /// Commits an operation in this state, then waits like ``hold``.
        case operate(RemoteOperation.State)
        /// Commits an operation through all its states, and succeeds.
        case use
    }

    /// One attempt, as the kind was asked for it.
    struct Attempt: Sendable {
        var asset: AssetKey
        var run: RunID
        var number: Int
        var causes: [Cause]
        var extent: Extent
        var resuming: RemoteOperation?
        var deadline: Timestamp?
    }

    struct State: Sendable {
        var seen: [AssetKey: Observation] = [:]
        var broken: Set<AssetKey> = []
        var hanging: Set<AssetKey> = []
        var looks: [AssetKey: Int] = [:]
        /// What the engine has warned of.
        var lines: [String] = []
        var work: [AssetKey: [Work]] = [:]
        var attempts: [Attempt] = []
        /// The attempts that are held, by ``name(_:_:_:)``.
        var held: Set<String> = []
        var ended: Set<String> = []
        var stopped: [AssetKey: StopReason] = [:]
        var outcomes: [AssetKey: StepOutcome] = [:]
        var chance = Chance(seed: 7)
        fileprivate var watchers: [Int: Watcher] = [:]
        fileprivate var nextWatcher = 0
    }

    fileprivate struct Watcher: Sendable {
        var condition: @Sendable (State) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    private let state = Mutex(State())

    var now: State { state.withLock { $0 } }

    @discardableResult
    func update<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        let (value, woken) = state.withLock { state in
            let value = body(&state)
            let woken = state.watchers.filter { $0.value.condition(state) }
            for id in woken.keys { state.watchers[id] = nil }
            return (value, woken.values.map(\.continuation))
        }
        for continuation in woken { continuation.resume() }
        return value
    }

    /// Returns when a condition holds, or when the task is cancelled.
    func wait(until condition: @escaping @Sendable (State) -> Bool) async {
        let id = state.withLock { state in
            state.nextWatcher += 1
            return state.nextWatcher
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if condition(state) || Task.isCancelled { return true }
                    state.watchers[id] = Watcher(condition: condition, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.watchers.removeValue(forKey: id) }?.continuation.resume()
        }
    }

    static func name(_ run: RunID, _ asset: AssetKey, _ number: Int) -> String { "\(run) \(asset) \(number)" }
}

// What probes see.
extension Outside {
    func set(_ asset: AssetKey, _ version: DataVersion, health: Health = .ok) {
        update { $0.seen[asset] = .known(version, health: health) }
    }

    func breakProbe(_ asset: AssetKey) { update { _ = $0.broken.insert(asset) } }

    func mendProbe(_ asset: AssetKey) { update { _ = $0.broken.remove(asset) } }

    /// From now on looks at it do not return, whoever cancels them, until ``release(_:)``.
    func hang(_ asset: AssetKey) { update { _ = $0.hanging.insert(asset) } }

    func release(_ asset: AssetKey) { update { _ = $0.hanging.remove(asset) } }

    func looks(at asset: AssetKey) -> Int { now.looks[asset] ?? 0 }

    struct Broken: Error, CustomStringConvertible { let description = "the probe broke" }

    func observe(_ asset: AssetKey) async throws -> Observation {
        update { $0.looks[asset, default: 0] += 1 }
        // Not in the task that looks: whoever cancels that one finds it deaf.
        await Task { await wait { !$0.hanging.contains(asset) } }.value
        return try state.withLock { state in
            if state.broken.contains(asset) { throw Broken() }
            return state.seen[asset] ?? .known("v1")
        }
    }
}

// How work ends.
extension Outside {
    /// The next attempts of an asset go like this, one after the other; then they succeed.
    func plan(_ asset: AssetKey, _ work: Work...) { update { $0.work[asset, default: []] += work } }

    /// Ends what is held.
    func finish(_ asset: AssetKey, _ outcome: StepOutcome = .succeeded(StepSuccess())) {
        update { $0.outcomes[asset] = outcome }
    }

    var attempts: [Attempt] { now.attempts }

    /// The assets that were worked on since the last call, in order.
    func takeRan() -> [AssetKey] {
        update { state in
            defer { state.attempts = [] }
            return state.attempts.map(\.asset)
        }
    }

    func perform(_ step: StepContext) async -> StepOutcome {
        let work = update { state in
            state.attempts.append(
                Attempt(
                    asset: step.asset,
                    run: step.run,
                    number: step.attempt,
                    causes: step.causes,
                    extent: step.extent,
                    resuming: step.resuming,
                    deadline: step.deadline
                )
            )
            guard state.work[step.asset]?.isEmpty == false else { return Work.succeed(nil) }
            return state.work[step.asset]?.removeFirst() ?? .succeed(nil)
        }
        let outcome = await outcome(of: work, step)
        update { _ = $0.ended.insert(Self.name(step.run, step.asset, step.attempt)) }
        return outcome
    }

    private func outcome(of work: Work, _ step: StepContext) async -> StepOutcome {
        switch work {
        case .succeed(let version): return .succeeded(StepSuccess(version: version, nonce: step.run))
        case .end(let outcome): return outcome
        case .fail(let retry): return .failed(StepFailure(.remoteFailed, retry, message: "as told"))
        case .hold: return await hold(step)
        case .ignore:
            update { _ = $0.held.insert(Self.name(step.run, step.asset, step.attempt)) }
            await Task { await wait { $0.outcomes[step.asset] != nil } }.value
            return .left
        case .operate(let end):
            do throws(StoreError) {
                try await operate(step, to: [end])
            } catch {
                return .failed(StepFailure(.internalError, .never, message: "\(error)"))
            }
            return await hold(step)
        case .use:
            do throws(StoreError) {
                try await operate(step, to: [.accepted, .completed])
                return .succeeded(StepSuccess(nonce: step.run))
            } catch {
                return .failed(StepFailure(.internalError, .never, message: "\(error)"))
            }
        }
    }

    private func operate(_ step: StepContext, to states: [RemoteOperation.State]) async throws(StoreError) {
        let now = step.surroundings.clock.now
        var operation = RemoteOperation(
            id: Self.name(step.run, step.asset, step.attempt),
            run: step.run,
            asset: step.asset,
            attempt: step.attempt,
            target: step.asset.path,
            preparedAt: now
        )
        try await step.operations.commit(operation, RemoteEvent(at: now, name: "prepared"))
        for state in states where state != .prepared {
            operation.state = state
            if state == .accepted { operation.requestID = "request of \(operation.id)" }
            try await step.operations.commit(operation, RemoteEvent(at: now, name: "told"))
        }
    }

    private func hold(_ step: StepContext) async -> StepOutcome {
        let name = Self.name(step.run, step.asset, step.attempt)
        update { _ = $0.held.insert(name) }
        let clock = step.surroundings.clock
        let never = clock.now + .seconds(1_000_000_000)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait { $0.outcomes[step.asset] != nil } }
            group.addTask { await step.stop.sleep(until: never, on: clock) }
            await group.next()
            group.cancelAll()
        }
        let outcome = update { state in
            state.held.remove(name)
            state.stopped[step.asset] = step.stop.reason
            return state.outcomes.removeValue(forKey: step.asset)
        }
        if let outcome { return outcome }
        if step.stop.reason != nil { return .cancelled(StepCancellation(isRemoteStopped: true, message: "stopped")) }
        return .left
    }
}
