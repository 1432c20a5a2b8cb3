package import FreshetCore
package import FreshetKit

/// How any asset stands, in one word and one sentence.
package struct Standing: Hashable, Sendable {
    /// A word of ``AssetStatus/State``, or `seen` for an observed asset that is well, or `branch`.
    package var word: String
    package var isLate: Bool
    /// Begins with what follows the asset's name; no full stop.
    package var sentence: String

    package init(word: String, isLate: Bool = false, sentence: String) {
        self.word = word
        self.isLate = isLate
        self.sentence = sentence
    }

    /// - Parameters:
    ///   - asset: any asset of the project.
    ///   - status: how it stands, where Freshet works on it.
    ///   - seen: what was seen of it last, where Freshet only looks.
    package init(_ asset: AssetSpec, _ status: AssetStatus?, _ seen: Observation?) {
        if let status {
            self.init(word: status.state.rawValue, isLate: status.isLate, sentence: status.sentence)
        } else if asset.isBranch {
            self.init(word: "branch", sentence: "chooses among what is behind it")
        } else {
            self.init(observed: seen)
        }
    }

    private init(observed seen: Observation?) {
        guard let seen else {
            self.init(word: "unknown", sentence: "has not been looked at yet")
            return
        }
        let because = seen.message.map { ": \($0)" } ?? ""
        if seen.health == .failed {
            self.init(word: "failed", sentence: "failed\(because)")
        } else if seen.version == .unknown {
            self.init(word: "unknown", sentence: "could not be verified\(because)")
        } else if seen.version == .missing {
            self.init(word: "seen", sentence: "is not there\(because)")
        } else {
            self.init(word: "seen", sentence: "is \(seen.version.text)")
        }
    }

    /// The worst first; what a group of assets is shown as.
    package static let order = [
        "failed", "held", "unknown", "parked", "refreshing", "stale", "paused", "up_to_date", "seen", "branch", "mixed",
    ]

    package var rank: Int { Self.order.firstIndex(of: word) ?? Self.order.count }
}
