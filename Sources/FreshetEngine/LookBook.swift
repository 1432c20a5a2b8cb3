import FreshetKit
private import Synchronization

/// What the looks of an engine know of each other.
final class LookBook: Sendable {
    let roll = LookRoll()
    private let turnstiles = Mutex<[String: Turnstile]>([:])

    /// Lets one look of a sensor through at a time.
    func turnstile(for sensor: String) -> Turnstile {
        turnstiles.withLock { turnstiles in
            if let turnstile = turnstiles[sensor] { return turnstile }
            let turnstile = Turnstile()
            turnstiles[sensor] = turnstile
            return turnstile
        }
    }
}
