import FreshetCore
import FreshetKit
private import Synchronization

/// One bell for each sensor, by name; and who waits for the looks that hints lead to.
final class HintBoard: Sendable {
    private struct Waiter {
        /// The latest hint at the moment from which a look counts.
        var number: Int
        var sensor: String
        var answer: FirstAnswer<Bool>
    }
    private struct State {
        var bells: [String: Bell] = [:]
        var waiters: [Int: Waiter] = [:]
        var nextID = 0
    }
    private let state = Mutex(State())

    func bell(for sensor: String) -> Bell {
        state.withLock { state in
            if let bell = state.bells[sensor] { return bell }
            let bell = Bell()
            state.bells[sensor] = bell
            return bell
        }
    }

    /// Says that a look is committed that began when this was the latest hint.
    func answer(_ sensor: String, upTo number: Int) {
        let answers = state.withLock { state in
            let answered = state.waiters.filter { $0.value.sensor == sensor && $0.value.number <= number }
            for id in answered.keys { state.waiters[id] = nil }
            return answered.values.map(\.answer)
        }
        for answer in answers { answer.offer(true) }
    }

    /// Waits for a committed look of the sensor that began after a hint.
    ///
    /// To be called before the sensor's bell is rung for the hint, or the look could be over before.
    func promise(of sensor: String, after number: Int) -> Promise {
        let answer = FirstAnswer<Bool>()
        let id = state.withLock { state in
            state.nextID += 1
            state.waiters[state.nextID] = Waiter(number: number, sensor: sensor, answer: answer)
            return state.nextID
        }
        return Promise(id: id, sensor: sensor, answer: answer, board: self)
    }

    /// A look that is yet to be committed.
    struct Promise: Sendable {
        fileprivate let id: Int
        let sensor: String
        fileprivate let answer: FirstAnswer<Bool>
        fileprivate let board: HintBoard

        /// Whether the look was committed within the time; to be awaited once.
        func isKept(within limit: Duration, on clock: any EngineClock) async -> Bool {
            let answer = answer
            let isKept = await FirstAnswer.within(limit, on: clock, otherwise: false, onCancel: false) {
                await answer.value
            }
            board.state.withLock { $0.waiters[id] = nil }
            // Whoever is left behind in the line above ends too.
            answer.offer(false)
            return isKept
        }
    }
}
