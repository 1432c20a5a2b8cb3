import FreshetCore
import FreshetKit

/// One look of a sensor, bounded in time.
struct Look: Sendable {
    var sensor: SensorSpec
    var cursor: String?
    var connections: Connections
    var surroundings: Surroundings

    enum Outcome: Sendable {
        case seen(SensorReading)
        case failed(String)
    }

    /// Ends at the latest when the look's time is over, whatever the sensor does.
    ///
    /// A sensor that ignores its cancellation is left behind: its answer is never read.
    func perform() async -> Outcome {
        let clock = surroundings.clock
        let deadline = clock.now + sensor.longestLook
        let context = SensorContext(
            cursor: cursor,
            probe: ProbeContext(connections: connections, surroundings: surroundings, deadline: deadline)
        )
        let first = FirstAnswer<Outcome>()
        let work = Task { [sensor, surroundings] in
            do {
                first.offer(.seen(try await sensor.sensor.tick(context)))
            } catch {
                first.offer(.failed(surroundings.redactor.redact(String(describing: error))))
            }
        }
        let timer = Task { [sensor] in
            do { try await clock.sleep(until: deadline) } catch { return }
            first.offer(.failed("no answer within \(Int(sensor.longestLook.inSeconds)) s"))
        }
        defer {
            work.cancel()
            timer.cancel()
        }
        return await withTaskCancellationHandler {
            await first.value
        } onCancel: {
            first.offer(.failed("the daemon is stopping"))
        }
    }
}
