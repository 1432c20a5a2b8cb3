import FreshetCore
import FreshetKit
import Logging
public import ServiceLifecycle

/// Keeps asking every source of hints, each in a task of its own, so that none waits for another.
public struct HintLoop: Service {
    private let engine: Engine

    /// How long an empty queue is listened to at a time.
    private static let patience = Duration.seconds(20)
    /// How long an answer may take beyond that.
    private static let grace = Duration.seconds(30)
    /// So that what comes in a burst leads to one look, and a source that does not wait is not asked in a circle.
    private static let breath = Duration.seconds(1)
    /// So many messages are taken together, and so many such batches may await their looks.
    private static let mostMessages = 500
    private static let mostBatches = 8
    private static let longestBackOff = Duration.seconds(300)

    public init(_ engine: Engine) { self.engine = engine }

    /// Returns when the task is cancelled or the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await engine.stoppingWithTask {
                await withDiscardingTaskGroup { group in
                    for definition in engine.project.hints {
                        group.addTask { await keepAsking(definition.source) }
                    }
                    // A service that returns ends the daemon; without sources this one has nothing to do but stay.
                    group.addTask { await Bell().wait() }
                }
            }
        }
    }

    private func keepAsking(_ source: any HintSource) async {
        var failures = 0
        await withTaskGroup { group in
            var batches = 0
            while !Task.isCancelled {
                switch await collect(source) {
                case .success(let messages):
                    if failures > 0 { engine.log.info("\(source.label) answers again") }
                    failures = 0
                    if !messages.isEmpty {
                        group.addTask { await engine.follow(messages, of: source) }
                        batches += 1
                        if batches == Self.mostBatches {
                            await group.next()
                            batches -= 1
                        }
                    }
                    await pause(Self.breath)
                case .failure(let failure):
                    failures += 1
                    await report(failure, of: source, failures)
                }
            }
        }
    }

    /// Waits for a message, and takes what else there is at that moment.
    private func collect(_ source: any HintSource) async -> Result<[HintMessage], Failure> {
        var messages: [HintMessage] = []
        var patience = Self.patience
        while messages.count < Self.mostMessages, !Task.isCancelled {
            switch await receive(source, waiting: patience) {
            case .success(let some) where some.isEmpty: return .success(messages)
            case .success(let some): messages += some
            // What was received before is followed first; the failure will show again.
            case .failure(let failure): return messages.isEmpty ? .failure(failure) : .success(messages)
            }
            patience = .zero
        }
        return .success(messages)
    }

    private func receive(
        _ source: any HintSource,
        waiting patience: Duration
    ) async -> Result<[HintMessage], Failure> {
        let (clock, surroundings) = (engine.clock, engine.surroundings)
        let limit = patience + Self.grace
        let context = ProbeContext(
            connections: engine.connections,
            surroundings: surroundings,
            deadline: clock.now + limit
        )
        return await FirstAnswer.within(
            limit,
            on: clock,
            otherwise: .failure(Failure(reason: "no answer within \(Int(limit.inSeconds)) s")),
            onCancel: .success([])
        ) {
            do {
                return .success(try await source.receive(waiting: patience, in: context))
            } catch {
                return .failure(Failure(reason: surroundings.redactor.redact(String(describing: error))))
            }
        }
    }

    private struct Failure: Error { var reason: String }

    /// Says so once and then ever more seldom, and waits.
    private func report(_ failure: Failure, of source: any HintSource, _ failures: Int) async {
        var wait = Self.breath
        for _ in 1..<failures where wait < Self.longestBackOff { wait *= 2 }
        wait = min(wait, Self.longestBackOff)
        if failures == 1 || wait < Self.longestBackOff || failures.isMultiple(of: 12) {
            let text = "no hints from \(source.label): \(failure.reason)"
            engine.log.warning("\(text); looks go on by their timers, asking again in \(wait.briefly)")
        }
        await pause(wait * (1 + 0.1 * (2 * engine.surroundings.chance() - 1)))
    }

    private func pause(_ duration: Duration) async {
        // Ends early only by cancellation, which the caller sees by itself.
        do { try await engine.clock.sleep(for: duration) } catch {}
    }
}
