import FreshetCore
import FreshetKit
import GRDB

extension Database {
    func operations(on target: String, limit: Int) throws -> [RemoteOperation] {
        let sql = """
            SELECT \(RemoteOperation.columns) FROM remote_op JOIN run ON run.sequence = remote_op.run
            WHERE remote_op.target = ? ORDER BY remote_op.sequence DESC LIMIT ?
            """
        return try all(sql, [target, max(0, limit)]) { try $0.operation() }
    }

    /// The operations of each run with their events, oldest first.
    func operations(ofRuns sequences: [Int64]) throws -> [RunID: [OperationDetail]] {
        let list: StatementArguments = [Self.list(sequences)]
        var events: [String: [RemoteEvent]] = [:]
        let eventSQL = """
            SELECT remote_op.id, event.at, event.name, event.evidence
            FROM remote_op_event AS event JOIN remote_op ON remote_op.sequence = event.remote_op
            WHERE remote_op.run IN \(Self.listed) ORDER BY event.sequence
            """
        try each(eventSQL, list) { row in
            let operation: String = try row.next()
            let at = try row.time()
            let event = RemoteEvent(at: at, name: try row.next(), evidence: try Details.read(try row.next()))
            events[operation, default: []].append(event)
        }
        var details: [RunID: [OperationDetail]] = [:]
        let sql = """
            SELECT \(RemoteOperation.columns) FROM remote_op JOIN run ON run.sequence = remote_op.run
            WHERE remote_op.run IN \(Self.listed) ORDER BY remote_op.sequence
            """
        try each(sql, list) { row in
            let operation = try row.operation()
            let detail = OperationDetail(operation: operation, events: events[operation.id] ?? [])
            details[operation.run, default: []].append(detail)
        }
        return details
    }
}

extension RemoteOperation {
    fileprivate static let columns = """
        remote_op.id, run.id, remote_op.asset, remote_op.attempt, remote_op.target, remote_op.state,
        remote_op.request_id, remote_op.is_adopted, remote_op.body_hash, remote_op.objects, remote_op.known_ids,
        remote_op.prepared_at, remote_op.deadline, remote_op.cancel_requested_at
        """
}

extension Columns {
    fileprivate mutating func operation() throws -> RemoteOperation {
        RemoteOperation(
            id: try next(),
            run: try next(),
            asset: try key(),
            attempt: try next(),
            target: try next(),
            state: try word(),
            requestID: try optional(),
            isAdopted: try next(),
            bodyHash: try next(),
            objects: try NameList.read(try next()),
            knownIDs: try NameList.read(try next()),
            preparedAt: try time(),
            deadline: try optionalTime(),
            cancelRequestedAt: try optionalTime()
        )
    }
}
