import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// Begins a new epoch.
    func claim(owner: String, at now: Timestamp) throws -> Epoch {
        let sql = "UPDATE epoch SET number = number + 1, owner = ?, claimed_at = ? RETURNING number"
        guard let row = try first(sql, [owner, now.milliseconds]) else {
            throw StoreError.corrupt("the row of the epoch is gone; restore the latest backup")
        }
        try note(.config, "", word: "claimed")
        return Epoch(try row.decode(atIndex: 0))
    }

    /// Ends the call of a daemon that is no longer the one that writes.
    ///
    /// The transaction holds the right to write already, so the epoch cannot change before it ends.
    func require(_ epoch: Epoch) throws {
        let number: Int64? = try first("SELECT number FROM epoch")?.decode(atIndex: 0)
        guard number == epoch.number else { throw StoreError.superseded }
    }
}
