package import FreshetCore
package import FreshetKit

/// What a person can do about an asset that does not stand as it should.
package struct Advice: Hashable, Sendable {
    package enum Code: String, Sendable {
        case none
        case wait
        case lookUpstream = "look_upstream"
        case retry
        case resolve
        case resume
        case fixCredentials = "fix_credentials"
        case run
    }

    package var code: Code
    /// One sentence without its full stop.
    package var text: String
    package var asset: AssetKey?
    package var run: RunID?
    package var operation: String?

    init(_ code: Code, _ text: String, asset: AssetKey? = nil, run: RunID? = nil, operation: String? = nil) {
        self.code = code
        self.text = text
        self.asset = asset
        self.run = run
        self.operation = operation
    }

    /// - Parameters:
    ///   - status: how the asset stands.
    ///   - culprit: the asset that holds it.
    ///   - run: the run that works on it.
    ///   - isEverythingPaused: whether the whole project is.
    package init(_ status: AssetStatus, culprit: AssetKey?, run: RunID?, isEverythingPaused: Bool) {
        switch status.state {
        case .refreshing: self.init(.wait, "A run works on it", run: run)
        case .parked: self.init(.wait, "Nothing has to be done: it goes on by itself when the wait is over", run: run)
        case .paused:
            self.init(.resume, isEverythingPaused ? "Resume everything" : "Resume it", asset: status.asset.key)
        case .failed where status.triesAgain != nil:
            self.init(.wait, "It is tried again by itself", run: status.lastStep?.run)
        case .failed: self.init(failure: status.lastStep?.failure, run: status.lastStep?.run, next: status.nextRun)
        case .held, .unknown:
            if let culprit {
                self.init(.lookUpstream, "Look at \(culprit)", asset: culprit)
            } else {
                self.init(.wait, "Nothing has to be done: it is decided again when that is over")
            }
        case .stale:
            if let next = status.nextRun {
                let delay = next.delay.map { " (\($0.replacing("_", with: " ")))" } ?? ""
                self.init(.wait, "It runs by itself\(delay)")
            } else {
                self.init(.run, "Run it: nothing does so by itself", asset: status.asset.key)
            }
        case .upToDate where status.isLate:
            self.init(.lookUpstream, "Nothing newer has come from its inputs; look at what feeds it")
        case .upToDate: self.init(.none, "Nothing has to be done")
        }
    }

    /// What a failed step asks for.
    package init(failure: StepFailure?, run: RunID?, next: TriggerRecord? = nil, operation: String? = nil) {
        switch failure?.code {
        case .credentials:
            self.init(.fixCredentials, "Mend the credentials, then retry; 'freshet doctor' checks them", run: run)
        case .unresolved:
            self.init(.resolve, "Say what became of the request", run: run, operation: operation)
        case .configuration, .badRequest, .notFound:
            self.init(.retry, "Mend the definition or the model, then retry", run: run)
        case _ where next != nil: self.init(.wait, "It is tried again by itself", run: run)
        default: self.init(.retry, "Retry the run when the cause is gone", run: run)
        }
    }

    package var document: JSONValue {
        [
            "code": .text(code.rawValue), "text": .text(text), "asset": Documents.text(asset?.path),
            "run": Documents.text(run), "operation": Documents.text(operation),
        ]
    }
}

extension AssetStatus {
    /// The asset that stands in its way; `nil` when nothing upstream does.
    package var culprit: AssetKey? {
        switch decision {
        case .skip(.upstreamFailed(let key)), .skip(.upstreamMissing(let key)), .skip(.upstreamUnknown(let key)): key
        case .wait(let keys): keys.first
        case .run, .skip: nil
        }
    }
}
