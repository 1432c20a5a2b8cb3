package import FreshetCore
package import FreshetKit

/// The values of the JSON documents; the same words as in YAML, SQL and the API.
package enum Documents {
    package static func time(_ moment: Timestamp?) -> JSONValue { moment.map { .text($0.iso8601) } ?? .null }

    package static func text(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }

    package static func keys(_ keys: [AssetKey]) -> JSONValue { .list(keys.map { .text($0.path) }) }

    package static func step(_ step: Plan.Step) -> JSONValue {
        var members = decision(step.decision, evidence: step.evidence)
        members["asset"] = .text(step.asset.path)
        return .object(members)
    }

    package static func decision(_ decision: Decision, evidence: [Evidence]) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "reason": .text(decision.code),
            "sentence": .text(decision.sentence(evidence)),
            "evidence": .list(evidence.map(self.evidence)),
        ]
        switch decision {
        case .run(let causes):
            members["outcome"] = "run"
            members["causes"] = .list(causes.map(cause))
            if case .parts(let parts) = Extent(causes) { members["parts"] = .list(parts.sorted().map { .text($0) }) }
        case .skip(let reason):
            members["outcome"] = .text(reason.isHeld ? "hold" : "skip")
        case .wait(let keys):
            members["outcome"] = "wait"
            members["waiting_on"] = self.keys(keys)
        }
        return members
    }

    package static func cause(_ cause: Cause) -> JSONValue {
        var members: [String: JSONValue] = ["cause": .text(cause.code), "text": .text(cause.reason)]
        switch cause {
        case .inputAdded(let input), .inputRemoved(let input), .inputChanged(let input), .inputUnverifiable(let input):
            members["input"] = .text(input.key.path)
            members["part"] = text(input.part.isEmpty ? nil : input.part)
        case .codeChanged(let from, let to), .dayChanged(let from, let to):
            members["from"] = .text(from)
            members["to"] = .text(to)
        case .scheduled(let slot), .shadowed(let slot): members["slot"] = time(slot)
        case .forced, .maxSkipPassed, .neverMaterialized: break
        }
        return .object(members)
    }

    package static func evidence(_ evidence: Evidence) -> JSONValue {
        [
            "input": .text(evidence.input.key.path),
            "part": text(evidence.input.part.isEmpty ? nil : evidence.input.part),
            "then": text(evidence.then?.fingerprint),
            "now": .text(evidence.now.fingerprint ?? evidence.now.text),
            "comparison": .text(evidence.comparison),
            "health": .text(evidence.health.rawValue),
            "signal": .text(evidence.signal),
            "strength": .text(evidence.strength.rawValue),
            "observed_at": time(evidence.observedAt),
            "message": text(evidence.message),
            "values": values(evidence.values), "values_then": values(evidence.valuesThen),
            "query": text(evidence.query), "source": text(evidence.source),
            "cost": evidence.cost.map(cost) ?? .null,
        ]
    }

    package static func values(_ values: [String: ObservedValue]) -> JSONValue {
        .object(
            values.mapValues { value in
                switch value {
                case .integer(let number): .integer(number)
                case .number(let number): .number(number)
                case .text(let text): .text(text)
                }
            }
        )
    }

    package static func cost(_ cost: ProbeCost) -> JSONValue {
        [
            "took_ms": .integer(cost.took.inMilliseconds), "requests": .integer(Int64(cost.requests)),
            "bytes": cost.bytes.map { .integer($0) } ?? .null, "rows": cost.rows.map { .integer($0) } ?? .null,
        ]
    }

    package static func freshness(_ state: FreshnessState?) -> JSONValue {
        switch state {
        case nil: .null
        case .fresh(let until): ["state": "fresh", "until": time(until)]
        case .late(let since): ["state": "late", "since": time(since)]
        case .unknown: ["state": "unknown"]
        }
    }

    package static func status(_ status: AssetStatus) -> JSONValue {
        var members = decision(status.decision, evidence: status.evidence)
        members["asset"] = .text(status.asset.key.path)
        members["kind"] = .text(status.asset.labels.kind)
        members["state"] = .text(status.state.rawValue)
        members["sentence"] = .text(status.sentence)
        members["freshness"] = freshness(status.freshness)
        members["data_time"] = time(status.dataTime)
        members["last_materialized"] = time(status.lastMaterialized)
        members["last_changed"] = time(status.lastChanged)
        members["last_verified"] = time(status.lastVerified)
        members["next_run_at"] = time(status.nextRun?.dueAt)
        members["next_run_delay"] = text(status.nextRun?.delay)
        members["parked_until"] = time(status.park?.until)
        return .object(members)
    }

    package static func record(_ record: DecisionRecord) -> JSONValue {
        var members = decision(record.decision, evidence: record.evidence)
        members["asset"] = .text(record.asset.path)
        members["at"] = time(record.at)
        members["sequence"] = .integer(record.sequence)
        members["run"] = text(record.run)
        members["config_version"] = .text(record.configVersion)
        return .object(members)
    }

    package static func run(_ run: RunRecord) -> [String: JSONValue] {
        [
            "id": .text(run.id), "status": .text(run.status.rawValue), "trigger": .text(run.trigger.rawValue),
            "actor": .text(run.actor.name), "assets": keys(run.selected), "forced": keys(run.forced),
            "created_at": time(run.createdAt), "ended_at": time(run.endedAt),
            "cancel_requested_by": text(run.cancelRequestedBy?.name),
        ]
    }

    package static func run(_ detail: RunDetail) -> JSONValue {
        var members = run(detail.run)
        members["steps"] = .list(detail.steps.map(step))
        members["operations"] = .list(detail.operations.map(operation))
        members["checks"] = .list(detail.checks.map(check))
        members["sub_steps"] = .list(detail.subSteps.map(subStep))
        return .object(members)
    }

    package static func subStep(_ record: SubStepRecord) -> JSONValue {
        let part = record.subStep
        return [
            "asset": .text(record.asset.path), "attempt": .integer(Int64(record.attempt)), "name": .text(part.name),
            "status": .text(part.status.rawValue), "started_at": time(part.startedAt), "ended_at": time(part.endedAt),
            "message": text(part.message), "details": part.details,
        ]
    }

    package static func step(_ step: StepRecord) -> JSONValue {
        [
            "asset": .text(step.asset.path), "status": .text(step.status.rawValue),
            "attempt": .integer(Int64(step.attempt)), "causes": .list(step.causes.map(cause)),
            "skip_reason": text(step.skipReason?.code), "started_at": time(step.startedAt),
            "ended_at": time(step.endedAt), "deadline": time(step.deadline), "retry_at": time(step.retryAt),
            "failure": step.failure.map {
                ["code": .text($0.code.rawValue), "retry": .text($0.retry.rawValue), "message": .text($0.message)]
            } ?? .null,
            "details": step.details,
        ]
    }

    package static func check(_ check: CheckRecord) -> JSONValue {
        [
            "asset": .text(check.asset.path), "name": .text(check.result.name),
            "severity": .text(check.result.severity.rawValue), "passed": .boolean(check.result.isPassed),
            "message": .text(check.result.message), "details": check.result.details, "at": time(check.at),
        ]
    }

    package static func operation(_ detail: OperationDetail) -> JSONValue {
        let operation = detail.operation
        return [
            "id": .text(operation.handle), "asset": .text(operation.asset.path),
            "attempt": .integer(Int64(operation.attempt)), "target": .text(operation.target),
            "state": .text(operation.state.rawValue), "request_id": text(operation.requestID),
            "adopted": .boolean(operation.isAdopted), "prepared_at": time(operation.preparedAt),
            "objects": .list(operation.objects.map { .text($0) }),
            "events": .list(
                detail.events.map { ["at": time($0.at), "name": .text($0.name), "evidence": $0.evidence] }
            ),
        ]
    }

    package static func trigger(_ trigger: TriggerRecord) -> JSONValue {
        [
            "trigger": .text(trigger.id), "kind": .text(trigger.kind.rawValue), "actor": .text(trigger.actor.name),
            "assets": keys(trigger.targets), "forced": .boolean(trigger.isForced), "due_at": time(trigger.dueAt),
            "created_at": time(trigger.createdAt), "delay": text(trigger.delay),
        ]
    }

    package static func tick(_ tick: TickRecord) -> JSONValue {
        [
            "sequence": .integer(tick.sequence), "sensor": .text(tick.sensor), "status": .text(tick.status.rawValue),
            "message": .text(tick.message), "started_at": time(tick.startedAt), "ended_at": time(tick.endedAt),
            "count": .integer(Int64(tick.count)),
        ]
    }
}
