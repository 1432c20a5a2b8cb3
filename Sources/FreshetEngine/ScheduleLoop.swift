import FreshetCore
import FreshetKit
public import ServiceLifecycle

/// Keeps the clock of every asset that has a schedule, each in a task of its own, so that none waits for another.
public struct ScheduleLoop: Service {
    private let engine: Engine

    public init(_ engine: Engine) { self.engine = engine }

    /// Returns when the task is cancelled or the service group stops.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await engine.stoppingWithTask {
                await withDiscardingTaskGroup { group in
                    for timetable in Timetable.all(of: engine.project) {
                        group.addTask { await keepTime(of: timetable) }
                    }
                    // A service that returns ends the daemon; when no slot will come any more, this one just stays.
                    group.addTask { await Bell().wait() }
                }
            }
        }
    }

    /// How long a store that refused is left alone.
    private static let patience = Duration.seconds(5)

    private func keepTime(of timetable: Timetable) async {
        while !Task.isCancelled {
            let isKept = await engine.answerSlots(of: timetable)
            let now = engine.clock.now
            let next = isKept ? await engine.nextSlot(of: timetable) : now + Self.patience
            guard let next else { return }
            // A sleep ends early only by cancellation, which the loop sees by itself.
            do { try await engine.clock.sleep(until: next) } catch {}
        }
    }
}
