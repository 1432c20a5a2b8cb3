import FreshetCore
import Synchronization

/// The latest layouts; they change only with the definitions, so that one is made for each way to look at them.
final class LayoutCache: Sendable {
    private static let most = 64

    private struct State {
        var answers: [LineageScope: Answer] = [:]
        var order: [LineageScope] = []
    }
    private let state = Mutex(State())

    func answer(to scope: LineageScope) -> Answer? { state.withLock { $0.answers[scope] } }

    func keep(_ answer: Answer, for scope: LineageScope) {
        state.withLock { state in
            if state.answers.updateValue(answer, forKey: scope) == nil { state.order.append(scope) }
            if state.order.count > Self.most { state.answers[state.order.removeFirst()] = nil }
        }
    }
}
