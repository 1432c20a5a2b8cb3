package import FreshetCore
package import FreshetKit

extension RunMachine {
    /// Tells a machine that has not started what has happened, as far as the store knows.
    ///
    /// - Parameters:
    ///   - steps: the run's steps as the store has them.
    ///   - versions: of the latest success of each asset.
    ///   - now: the present moment.
    /// - Returns: what the machine asks for besides, and the steps of which an attempt was under way.
    package mutating func replay(
        _ steps: [AssetKey: StepRecord],
        _ versions: [AssetKey: DataVersion],
        at now: Timestamp
    ) -> (rest: [Action], resumed: [AssetKey]) {
        var queue = start(at: now)
        var rest: [Action] = []
        var resumed: [AssetKey] = []
        var next = 0
        while next < queue.count {
            let action = queue[next]
            next += 1
            guard case .launch(let asset, _, _) = action, let step = steps[asset], step.status != .waiting else {
                rest.append(action)
                continue
            }
            switch step.status {
            case .succeeded: queue += succeeded(asset, version: versions[asset]).filter { !$0.isRecord }
            case .failed, .cancelled, .skipped:
                var failure = step.failure ?? StepFailure(.cancelled, .never, message: "ended before the restart")
                failure.retry = .never
                queue += failed(asset, failure, at: now)
            case .retrying:
                queue += resumeRetry(
                    asset,
                    attempt: step.attempt + 1,
                    at: step.retryAt ?? now,
                    parking: step.parking
                )
            case .waiting, .queued, .running: resumed.append(asset)
            }
        }
        return (rest, resumed)
    }
}

extension StepRecord {
    /// What was decided about the step; `nil` while nothing was.
    package var decided: Decision? {
        switch status {
        case .waiting: nil
        case .skipped: skipReason.map { .skip($0) }
        case .cancelled where attempt == 0: .skip(skipReason ?? .cancelled)
        case .queued, .running, .retrying, .succeeded, .failed, .cancelled: .run(causes)
        }
    }
}

extension RunMachine.Action {
    fileprivate var isRecord: Bool { if case .record = self { true } else { false } }
}
