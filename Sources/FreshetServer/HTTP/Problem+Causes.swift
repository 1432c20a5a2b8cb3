import FreshetCore
import FreshetKit

extension Problem {
    /// A store that did not do as asked.
    init(_ error: StoreError) {
        switch error {
        case .superseded: self.init(.superseded, "\(error.description).")
        default: self.init(.storeUnavailable, "\(error.description).", headers: ["Retry-After": "5"])
        }
    }

    init(_ error: SelectionError, in text: String) {
        // The nearest word has a member of its own, and pages ask by it.
        let mistake = SelectionError(error.reason, at: error.offset)
        self.init(.badSelection, "The selection '\(text)' is wrong: \(mistake).", nearest: error.nearest)
    }

    static func unknownAsset(_ key: AssetKey, in graph: AssetGraph) -> Problem {
        Problem(
            .unknownAsset,
            "There is no asset '\(key)'.",
            nearest: AssetKey.nearest(to: key, among: graph.ordered.map(\.key))?.path
        )
    }
}

/// Does `body` with the store's errors as answers.
func asking<Value>(_ body: () async throws(StoreError) -> Value) async throws(Problem) -> Value {
    do throws(StoreError) { return try await body() } catch { throw Problem(error) }
}
