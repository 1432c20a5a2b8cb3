import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// Says in the transaction that changes it what is now another than it was.
    func note(_ kind: ChangeRecord.Kind, _ subject: String, run id: RunID? = nil, word: String = "") throws {
        try run(
            "INSERT INTO change (kind, subject, run_id, word) VALUES (?, ?, ?, ?)",
            [kind.rawValue, subject, id, word]
        )
        let sequence = lastInsertedRowID
        guard sequence % Self.pruneEvery == 0 else { return }
        try run("DELETE FROM change WHERE sequence <= ?", [sequence - ChangeRecord.kept])
    }

    private static let pruneEvery: Int64 = 1024

    func note(_ decision: DecisionRecord) throws {
        let word = "\(decision.outcome.rawValue):\(decision.decision.code)"
        try note(.decision, decision.asset.path, run: decision.run, word: word)
    }
}
