import FreshetCore
import FreshetKit
private import Synchronization

/// One look of a sensor, bounded in time.
struct Look: Sendable {
    var sensor: SensorSpec
    var cursor: String?
    /// What was seen last of the sensor's one asset.
    var previous: Observation?
    /// Whether something or somebody asked for this look.
    var isHinted: Bool
    var connections: Connections
    var surroundings: Surroundings
    /// Knows the looks before this one.
    var roll: LookRoll

    enum Outcome: Sendable {
        case seen(SensorReading)
        case failed(String)
    }

    /// Ends at the latest when the look's time is over, whatever the sensor does.
    ///
    /// A sensor that ignores its cancellation is left behind: its answer is never read, and until it returns every
    /// further look fails at once, so that at most one hangs.
    func perform() async -> Outcome {
        guard roll.enter(sensor.name) else { return .failed("an earlier look has not returned yet") }
        let context = SensorContext(
            cursor: cursor,
            probe: ProbeContext(
                connections: connections,
                surroundings: surroundings,
                deadline: surroundings.clock.now + sensor.longestLook,
                previous: previous,
                isHinted: isHinted
            )
        )
        return await FirstAnswer.within(
            sensor.longestLook,
            on: surroundings.clock,
            otherwise: .failed("no answer within \(Int(sensor.longestLook.inSeconds)) s"),
            onCancel: .failed("the daemon is stopping")
        ) { [sensor, surroundings, roll] in
            let outcome: Outcome
            do {
                outcome = .seen(try await sensor.sensor.tick(context))
            } catch {
                outcome = .failed(surroundings.redactor.redact(String(describing: error)))
            }
            roll.leave(sensor.name)
            return outcome
        }
    }
}

/// The sensors whose look has begun and not returned.
final class LookRoll: Sendable {
    private let names = Mutex<Set<String>>([])

    /// - Returns: false when that sensor has not returned from an earlier look.
    func enter(_ sensor: String) -> Bool { names.withLock { $0.insert(sensor).inserted } }

    func leave(_ sensor: String) { names.withLock { _ = $0.remove(sensor) } }
}
