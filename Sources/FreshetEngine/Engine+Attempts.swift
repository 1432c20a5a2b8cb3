import FreshetCore
import FreshetKit
import Logging

extension Engine {
    /// Starts the attempt that ``perform(_:in:)`` has committed.
    func start(_ asset: AssetKey, in run: RunID) {
        guard !isStopping, let state = active[run], let step = state.steps[asset],
            let attempt = state.attempts[asset], attempt.task == nil
        else { return }
        guard case .materialized(let kind)? = world.definitions[asset]?.work else { return }
        let context = StepContext(
            asset: asset,
            run: run,
            attempt: attempt.number,
            causes: step.causes,
            extent: Extent(step.causes),
            plannedAt: state.record.createdAt,
            deadline: step.deadline,
            resuming: state.leftBehind[asset],
            connections: connections,
            surroundings: surroundings,
            operations: StoreOperationLog(store: store, writer: writer),
            stop: attempt.stop,
            report: { [log] text in log.info("\(asset): \(text)") }
        )
        active[run]?.leftBehind[asset] = nil
        active[run]?.attempts[asset]?.task = Task {
            let outcome = await kind.materialize(context)
            await self.ended(asset, in: run, attempt: attempt.number, outcome)
        }
    }

    /// Takes the end of an attempt to its run.
    private func ended(_ asset: AssetKey, in run: RunID, attempt: Int, _ outcome: StepOutcome) async {
        if case .left = outcome { return }
        await exclusively {
            guard active[run]?.attempts[asset]?.number == attempt else { return }
            active[run]?.attempts[asset] = nil
            let now = clock.now
            let actions = report(outcome, of: asset, in: run, at: now)
            await perform(actions, in: run)
            for holder in pools.release(Pools.Holder(run: run, asset: asset), of: pool(of: asset)) {
                await granted(holder, at: now)
            }
        }
    }

    private func report(_ outcome: StepOutcome, of asset: AssetKey, in run: RunID, at now: Timestamp) -> [RunMachine.Action] {
        switch outcome {
        case .succeeded(let success):
            active[run]?.steps[asset]?.details = success.details
            log.info("\(asset) succeeded")
            return active[run]?.machine.succeeded(asset, version: success.version, nonce: success.nonce) ?? []
        case .failed(let failure):
            active[run]?.steps[asset]?.details = failure.details
            active[run]?.steps[asset]?.failure = failure
            log.warning("\(asset) failed (\(failure.code.rawValue)): \(failure.message)")
            return active[run]?.machine.failed(asset, failure, at: now) ?? []
        case .cancelled(let cancellation):
            let message = cancellation.isRemoteStopped ? cancellation.message : cancellation.message + "; it still runs there"
            let failure = StepFailure(.cancelled, .never, message: message, details: cancellation.details)
            active[run]?.steps[asset]?.details = cancellation.details
            return active[run]?.machine.failed(asset, failure, at: now) ?? []
        case .left: return []
        }
    }

    /// A step that waited for its pool got a slot.
    private func granted(_ holder: Pools.Holder, at now: Timestamp) async {
        guard var state = active[holder.run], var step = state.steps[holder.asset] else { return }
        begin(&step, in: &state, at: now)
        state.steps[holder.asset] = step
        active[holder.run] = state
        await append([.step(step)])
        start(holder.asset, in: holder.run)
    }
}

/// Writes a kind's intents under the engine's epoch.
struct StoreOperationLog: OperationLog {
    var store: any RunStore
    var writer: Writer

    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {
        try await store.commit(operation, event, by: writer)
    }

    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] {
        try await store.operations(on: target, limit: limit)
    }
}
