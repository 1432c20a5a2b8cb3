import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// Keeps how far an operation has come, and what showed it.
    ///
    /// The state of one that has ended stays. To report the same end again is not an error, to report another one is:
    /// the caller may not go on in the belief that its state is durable.
    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) throws {
        let sql = "SELECT sequence, state FROM remote_op WHERE id = ?"
        let sequence: Int64
        if let row = try first(sql, [operation.id]) {
            var stored = Columns(row)
            sequence = try stored.next()
            let state = try stored.word(RemoteOperation.State.self)
            guard state.mayBecome(operation.state) else {
                throw StoreError.failed("operation \(operation.id) is \(state) and cannot become \(operation.state)")
            }
            if state.isFinal { return }
            try update(operation, sequence)
        } else {
            sequence = try insert(operation)
        }
        try run(
            "INSERT INTO remote_op_event (remote_op, at, name, evidence) VALUES (?, ?, ?, ?)",
            [sequence, event.at.milliseconds, event.name, Details.write(event.evidence)]
        )
        try note(.operation, operation.id, run: operation.run, word: operation.state.rawValue)
    }

    private func insert(_ operation: RemoteOperation) throws -> Int64 {
        let sql = """
            INSERT INTO remote_op (id, run, asset, attempt, target, state, request_id, is_adopted, body_hash, objects,
                known_ids, prepared_at, deadline, cancel_requested_at)
            SELECT ?1, sequence, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14 FROM run WHERE id = ?2
            """
        let identity: StatementArguments = [
            operation.id, operation.run, operation.asset.path, operation.attempt, operation.target,
        ]
        try inFlightOnce(on: operation.target) { try run(sql, identity + operation.progress) }
        guard changesCount > 0 else { throw StoreError.failed("there is no run \(operation.run)") }
        return lastInsertedRowID
    }

    private func update(_ operation: RemoteOperation, _ sequence: Int64) throws {
        let sql = """
            UPDATE remote_op SET state = ?, request_id = ?, is_adopted = ?, body_hash = ?, objects = ?, known_ids = ?,
                prepared_at = ?, deadline = ?, cancel_requested_at = ?
            WHERE sequence = ? AND target = ?
            """
        try inFlightOnce(on: operation.target) { try run(sql, operation.progress + [sequence, operation.target]) }
        guard changesCount > 0 else { throw StoreError.failed("operation \(operation.id) has another target") }
    }

    private func inFlightOnce(on target: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as DatabaseError
            where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE
            && error.message?.contains("remote_op.target") == true
        {
            throw StoreError.operationInFlight(target: target)
        }
    }
}

extension RemoteOperation {
    fileprivate var progress: StatementArguments {
        [
            state.rawValue, requestID, isAdopted, bodyHash, NameList.write(objects), NameList.write(knownIDs),
            preparedAt.milliseconds, deadline?.milliseconds, cancelRequestedAt?.milliseconds,
        ]
    }
}
