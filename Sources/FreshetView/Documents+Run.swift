package import FreshetCore
package import FreshetKit

extension Documents {
    /// A run as a row of a list.
    ///
    /// - Parameters:
    ///   - detail: the run with its steps.
    ///   - estimate: what it is expected to take, in seconds.
    /// - Returns: the members of one entry of `freshet runs --json`, and a few figures.
    package static func row(_ detail: RunDetail, estimate: Double?) -> [String: JSONValue] {
        var members = run(detail.run)
        members["sentence"] = .text(detail.sentence)
        members["duration_seconds"] = seconds(detail.run.endedAt.map { $0 - detail.run.createdAt })
        members["estimated_seconds"] = number(estimate)
        members["steps_by_status"] = .object(
            Dictionary(uniqueKeysWithValues: detail.stepsByStatus.map { ($0.key.rawValue, integer($0.value)) })
        )
        members["parent"] = text(detail.run.parent)
        return members
    }

    /// A trigger, and what became of it.
    package static func whole(_ trigger: TriggerRecord) -> JSONValue {
        guard case .object(var members) = self.trigger(trigger) else { return .null }
        members["sentence"] = .text(trigger.sentence)
        members["disposition"] = trigger.disposition.map(disposition) ?? .null
        members["traceparent"] = text(trigger.traceParent?.description)
        return .object(members)
    }

    package static func disposition(_ end: Disposition) -> JSONValue {
        [
            "kind": .text(end.kind.rawValue), "reason": .text(end.reason), "into": text(end.into), "at": time(end.at),
        ]
    }

    package static func logLine(_ record: LogRecord) -> JSONValue {
        [
            "number": integer(record.number), "asset": .text(record.asset.path), "attempt": integer(record.attempt),
            "at": time(record.line.at), "level": .text(record.line.level.rawValue),
            "message": .text(record.line.message),
        ]
    }

    package static func ledger(_ detail: OperationDetail) -> JSONValue {
        guard case .object(var members) = operation(detail) else { return .null }
        members["id"] = .text(detail.operation.handle)
        members["run"] = .text(detail.operation.run)
        members["url"] = .null
        return .object(members)
    }

    package static func audit(_ row: AuditRecord) -> JSONValue {
        [
            "sequence": .integer(row.sequence), "at": time(row.at), "actor": .text(row.actor.name),
            "method": .text(row.entry.method.rawValue), "address": text(row.entry.address),
            "action": .text(row.entry.action), "target": text(row.entry.target),
            "outcome": .text(row.entry.outcome.rawValue), "reason": text(row.entry.reason), "hash": .text(row.hash),
        ]
    }
}

extension RemoteOperation {
    /// What stands for it in an address: its run, and a hash of its id, which has slashes in it.
    package var handle: String {
        var hash = Fingerprint()
        hash.add(id)
        return "\(run)-\(hash.hexadecimal.prefix(16))"
    }
}

extension Disposition {
    /// Its reason, of which the codes are words with underscores.
    package var words: String {
        switch kind {
        // A sentence, and it may name an asset.
        case .rejected: reason
        case .coalesced, .run, .skipped: reason.replacing("_", with: " ")
        }
    }
}

extension TriggerRecord {
    /// Who or what asks, and what it waits for.
    package var sentence: String {
        let who =
            switch kind {
            case .manual: "asked for by \(actor)"
            case .retry: "asked for by \(actor), to do again what failed"
            case .sensor: "something it reads moved"
            case .schedule: "a slot of its schedule"
            case .maxSkip: "max_skip has passed"
            case .dayChange: "a new date has begun"
            case .startup: "the daemon started"
            }
        if let disposition { return "\(who); \(disposition.words)" }
        return who + (delay.map { "; waits (\($0.replacing("_", with: " ")))" } ?? "")
    }
}
