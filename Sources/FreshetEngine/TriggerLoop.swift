import FreshetCore
import FreshetKit
public import ServiceLifecycle

/// Answers triggers when they come and when they become due.
public struct TriggerLoop: Service {
    private let engine: Engine

    public init(_ engine: Engine) { self.engine = engine }

    /// Returns when the task is cancelled or the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await engine.stoppingWithTask {
                await serve(engine.triggersMoved, on: engine.clock) { await engine.answerTriggers() }
            }
        }
    }
}

/// Begins retries and enforces deadlines of running steps.
public struct RunTimerLoop: Service {
    private let engine: Engine

    public init(_ engine: Engine) { self.engine = engine }

    /// Returns when the task is cancelled or the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await engine.stoppingWithTask {
                await serve(engine.runTimers, on: engine.clock) { await engine.serveRunTimers() }
            }
        }
    }
}

extension Engine {
    /// Runs the body of a loop; when the loop is cancelled, nothing new begins, and nobody waits for a full store.
    nonisolated func stoppingWithTask(_ body: () async -> Void) async {
        await withTaskCancellationHandler {
            await body()
        } onCancel: {
            stopping.raise(.cancelled)
        }
    }
}

/// Does `work` now, when the bell rings, and at each moment that `work` names; until the task is cancelled.
private func serve(_ bell: Bell, on clock: any EngineClock, _ work: () async -> Timestamp?) async {
    while !Task.isCancelled {
        let moment = await work()
        await bell.wait(until: moment, on: clock)
    }
}
