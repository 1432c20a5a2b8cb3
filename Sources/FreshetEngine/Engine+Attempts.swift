import FreshetCore
import FreshetFailpoints
import FreshetKit
import Logging

extension Engine {
    /// Starts the attempt that ``perform(_:in:)`` has committed.
    func start(_ asset: AssetKey, in run: RunID) {
        guard !isStopping, let step = active[run]?.steps[asset], let attempt = active[run]?.attempts[asset],
            attempt.task == nil, let plannedAt = active[run]?.record.createdAt
        else { return }
        failpoint(.stepClaimed)
        guard case .materialized(let kind)? = world.definitions[asset]?.work else { return }
        let leftBehind = active[run]?.leftBehind.removeValue(forKey: asset)
        let operation = leftBehind?.attempt == attempt.number ? leftBehind : nil
        let context = StepContext(
            asset: asset,
            run: run,
            attempt: attempt.number,
            causes: step.causes,
            extent: Extent(step.causes),
            previous: world.materializations[asset]?.materialization,
            codeVersion: world.graph[asset]?.codeVersion ?? "",
            plannedAt: plannedAt,
            inputs: active[run]?.record.inputs ?? [:],
            inputsChangedAt: world.newestChange(of: asset),
            deadline: step.deadline,
            resuming: operation,
            connections: connections,
            surroundings: surroundings,
            operations: StoreOperationLog(store: store, writer: writer) { await self.noticeUse($0) },
            stop: attempt.stop,
            report: { [log] text in log.info("\(asset): \(text)") },
            progress: { part in
                let part = part.redacted(by: self.surroundings.redactor)
                _ = await self.append([
                    .subStep(SubStepRecord(run: run, asset: asset, attempt: attempt.number, subStep: part))
                ])
            },
            log: { line in
                var line = line
                line.message = self.surroundings.redactor.redact(line.message)
                _ = await self.append([.logged(LogRecord(run: run, asset: asset, attempt: attempt.number, line: line))])
            }
        )
        let priority: CallPriority = world.graph[asset]?.policy.isCritical == true ? .critical : .normal
        active[run]?.attempts[asset]?.task = Task {
            let outcome = await CallPriority.$current.withValue(priority) {
                await ShadowProof.materialize(kind, context)
            }
            await self.ended(asset, in: run, attempt: attempt.number, outcome)
        }
    }

    /// Takes the end of an attempt to its run.
    private func ended(_ asset: AssetKey, in run: RunID, attempt number: Int, _ outcome: StepOutcome) async {
        await exclusively {
            guard let attempt = active[run]?.attempts[asset], attempt.number == number else { return }
            if isStopping, attempt.isLeft(by: outcome) { return }
            active[run]?.attempts[asset] = nil
            let now = clock.now
            await noticeThrottling(at: now)
            let outcome = withMoment(outcome, of: asset, at: now)
            switch outcome {
            case .succeeded: budgets.succeeded(on: budgetNames(of: asset), at: now)
            case .failed(let failure): await notice(failure, of: asset, at: now)
            case .held(let reason): world.hold(asset, for: reason, at: now)
            case .cancelled, .left: break
            }
            let freed = free(Budgets.Holder(run: run, asset: asset), at: now)
            let actions = report(outcome, of: asset, in: run, stoppedBy: attempt.stop.reason, at: now)
            // Before the step ends: after that it is told as it is.
            _ = await append(checks(of: outcome, asset, in: run, at: now))
            await perform(actions, in: run)
            await admit(freed, at: now)
        }
    }

    private func report(
        _ outcome: StepOutcome,
        of asset: AssetKey,
        in run: RunID,
        stoppedBy reason: StopReason?,
        at now: Timestamp
    ) -> [RunMachine.Action] {
        if case .succeeded(let success) = outcome {
            active[run]?.steps[asset]?.details = success.details
            active[run]?.extents[asset] = success.extent
            log.info("\(asset) succeeded")
            return active[run]?.machine.succeeded(asset, version: success.version, nonce: success.nonce) ?? []
        }
        if case .held(let reason) = outcome {
            log.info("\(asset) is held: \(reason.reason())")
            return active[run]?.machine.held(asset, reason) ?? []
        }
        let failure = Self.failure(of: outcome, stoppedBy: reason)
        active[run]?.steps[asset]?.details = failure.details
        active[run]?.steps[asset]?.failure = failure
        let actions = active[run]?.machine.failed(asset, failure, at: now) ?? []
        // Of a budget that is throttled, one line is enough.
        if failure.isThrottling, case .retry(_, _, let moment)? = actions.first {
            log.info("\(asset) is put off for \((moment - now).briefly) (\(failure.code.rawValue))")
        } else {
            log.warning("\(asset) failed (\(failure.code.rawValue)): \(failure.message)")
        }
        return actions
    }

    /// What the attempt found out about its own result.
    private func checks(of outcome: StepOutcome, _ asset: AssetKey, in run: RunID, at now: Timestamp) -> [RunEvent] {
        let results: [CheckResult] =
            switch outcome {
            case .succeeded(let success): success.checks
            case .failed(let failure): failure.checks
            case .cancelled, .held, .left: []
            }
        return results.map { .checked(CheckRecord(run: run, asset: asset, result: $0, at: now)) }
    }

    private static func failure(of outcome: StepOutcome, stoppedBy reason: StopReason?) -> StepFailure {
        switch outcome {
        case .failed(let failure): return failure
        case .cancelled(let cancellation):
            let end = cancellation.isRemoteStopped ? "" : "; it still runs there"
            let message = cancellation.message + end
            // Nobody wished the end of what took too long.
            return reason == .deadline
                ? StepFailure(.timedOut, .later, message: message, details: cancellation.details)
                : StepFailure(.cancelled, .never, message: message, details: cancellation.details)
        case .held, .left, .succeeded:
            return StepFailure(.internalError, .later, message: "it left its work although the process goes on")
        }
    }
}

extension SubStep {
    fileprivate func redacted(by redactor: Redactor) -> SubStep {
        var part = self
        part.message = message.map(redactor.redact)
        return part
    }
}

extension ActiveRun.Attempt {
    /// Whether an outcome, in a process that ends, only says that the process ends.
    fileprivate func isLeft(by outcome: StepOutcome) -> Bool {
        switch outcome {
        case .left: true
        case .held, .succeeded: false
        case .failed, .cancelled: stop.reason == nil
        }
    }
}

/// Writes a kind's intents under the engine's epoch.
struct StoreOperationLog: OperationLog {
    var store: any RunStore
    var writer: Writer
    /// Told of each operation that is on record.
    var committed: @Sendable (RemoteOperation) async -> Void = { _ in }

    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {
        try await store.commit(operation, event, by: writer)
        await committed(operation)
    }

    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] {
        try await store.operations(on: target, limit: limit)
    }
}
