private import Synchronization

/// One bell for each sensor, by name.
final class HintBoard: Sendable {
    private let bells = Mutex<[String: Bell]>([:])

    func bell(for sensor: String) -> Bell {
        bells.withLock { bells in
            if let bell = bells[sensor] { return bell }
            let bell = Bell()
            bells[sensor] = bell
            return bell
        }
    }
}
