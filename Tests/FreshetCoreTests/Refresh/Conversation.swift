import Testing

@testable import FreshetCore

/// A conversation as text: on the left what the machine has to ask for, on the right what it gets.
///
///     list            -> f1 Scheduled Unknown @-60
///     sleep 5         -> .
///     commit prepared -> ok
///     post            -> 202 r1
///     details r1      -> Completed [sales/Current]
///     finish succeeded r1
///
/// A history is entries separated by `;`, each an id, a source, a status with or without extended status, and the
/// seconds of its start relative to the beginning; or `empty`. `!cancelled` and `!deadline` ask to stop at that point.
struct Conversation {
    static let start = Timestamp(seconds: 1_000_000)

    var machine: RefreshMachine
    var now = Conversation.start

    init(
        _ state: RemoteOperation.State? = nil,
        requestID: String? = nil,
        objects: [String] = [],
        knownIDs: [String] = [],
        bodyHash: String = "feed",
        timeout: Duration = .seconds(7200),
        planned: Duration = .zero,
        changed: Duration? = nil,
        type: String = "full",
        preparedBefore: Duration = .zero,
        cancelRequested: Bool = false,
        policy change: (inout RefreshPolicy) -> Void = { _ in }
    ) {
        var policy = RefreshPolicy()
        policy.pollJitter = 0
        change(&policy)
        let operation = RemoteOperation(
            id: "run/model/1",
            run: "run",
            asset: "model",
            attempt: 1,
            target: "powerbi/w/m",
            state: state ?? .prepared,
            requestID: requestID,
            bodyHash: bodyHash,
            objects: objects,
            knownIDs: knownIDs,
            preparedAt: Self.start - preparedBefore,
            deadline: Self.start + timeout,
            cancelRequestedAt: cancelRequested ? Self.start : nil
        )
        machine = RefreshMachine(
            operation,
            isResuming: state != nil,
            type: type,
            plannedAt: Self.start + planned,
            changedAt: changed.map { Self.start + $0 },
            policy: policy,
            seed: 1
        )
    }

    /// Plays it, and records an issue for each line that turns out otherwise.
    mutating func expect(_ script: String, _ location: SourceLocation = #_sourceLocation) {
        let lines = script.split(separator: "\n").map(String.init)
        var actions = machine.handle(.began, at: now)
        for line in lines {
            let sides = line.split(separator: "->", maxSplits: 1).map { String($0.trimmingSpaces) }
            guard let action = actions.first, actions.count == 1 else {
                Issue.record("nothing is asked for at '\(line)'", sourceLocation: location)
                return
            }
            let words = describe(action)
            guard words == sides[0] else {
                Issue.record("expected '\(sides[0])', got '\(words)'", sourceLocation: location)
                return
            }
            guard sides.count == 2 else { break }
            var reply = sides[1]
            for reason in [StopReason.cancelled, .deadline] where reply.contains("!\(reason.rawValue)") {
                reply = String(reply.replacing("!\(reason.rawValue)", with: "").trimmingSpaces)
                #expect(machine.handle(.stopRequested(reason), at: now) == [], sourceLocation: location)
            }
            if case .sleep(let moment) = action, !sides[1].contains("!") { now = max(now, moment) }
            actions = machine.handle(Self.event(for: action, reply), at: now)
        }
        if let last = lines.last, !last.hasPrefix("finish") {
            Issue.record("the conversation does not finish", sourceLocation: location)
        }
    }

    private func describe(_ action: RefreshMachine.Action) -> String {
        switch action {
        case .listHistory: "list"
        case .commit(let operation, _): "commit \(operation.state.rawValue)"
        case .post: "post"
        case .getDetails(let id): "details \(id)"
        case .cancelRemote(let id): "cancel \(id)"
        case .sleep(let moment): "sleep \(Self.number((moment - now).inSeconds))"
        case .finish(let outcome): "finish \(Self.describe(outcome))"
        }
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() ? String(Int(value)) : String(value)
    }

    static func describe(_ outcome: RefreshOutcome) -> String {
        switch outcome {
        case .succeeded(let report):
            (["succeeded", report.requestID ?? "-"] + (report.isAdopted ? ["adopted"] : [])
                + (report.isExternal ? ["externally"] : [])).joined(separator: " ")
        case .failed(let failure, _):
            "failed \(failure.code.rawValue) \(failure.retry.rawValue)"
                + (failure.notBefore.map { " until \(number(($0 - start).inSeconds))" } ?? "")
        case .stopped(let isRemoteStopped, _): "stopped \(isRemoteStopped ? "there" : "here only")"
        case .skipped(let id): "skipped for \(id ?? "somebody")"
        case .quotaExhausted(let quota):
            "quota \(quota.used)/\(quota.limit)"
                + (quota.freeAt.map { " free \(number(($0 - start).inSeconds))" } ?? "")
        case .left: "left"
        }
    }
}

/// Reading replies.
extension Conversation {
    static func event(for action: RefreshMachine.Action, _ text: String) -> RefreshMachine.Event {
        switch action {
        case .listHistory: return .history(reply(text) { .answer(history($0)) })
        case .commit:
            switch text {
            case "superseded": return .commitFailed(.superseded)
            case "busy": return .commitFailed(.targetBusy)
            case "fails": return .commitFailed(.failed("disk full"))
            default: return .committed
            }
        case .post:
            return .posted(
                reply(text) { words in
                    let id = words.split(separator: " ").last.map(String.init)
                    return .answer(.init(requestID: id == "202" ? nil : id))
                }
            )
        case .getDetails: return .details(reply(text) { .answer(details($0)) })
        case .cancelRemote: return .cancelAnswered(reply(text) { _ in .answer(.init()) })
        case .sleep, .finish: return .woke
        }
    }

    /// `lost`, `unsent`, `429 30`, `busy` and the like are the same for every call.
    private static func reply<Value>(
        _ text: String,
        _ answer: (String) -> RemoteReply<Value>.Result
    ) -> RemoteReply<Value> {
        let words = text.split(separator: " ").map(String.init)
        switch words.first {
        case "lost": return RemoteReply(.silence(Silence("connection lost")))
        case "unsent": return RemoteReply(.silence(Silence(mayHaveArrived: false, "cannot connect")))
        case "429":
            let wait = words.dropFirst().first.flatMap { Double($0) }
            return RemoteReply(.silence(Silence(isThrottled: true, "too many")), retryAfter: wait.map { .seconds($0) })
        case "busy": return RemoteReply(.refusal(Refusal(.busy, "already executing")))
        case "wrong": return RemoteReply(.refusal(Refusal(.badRequest, "wrong")))
        case "denied": return RemoteReply(.refusal(Refusal(.denied, "denied")))
        case "missing": return RemoteReply(.refusal(Refusal(.notFound, "not found")))
        case "signin": return RemoteReply(.refusal(Refusal(.notSignedIn, "the secret has expired")))
        case "paused": return RemoteReply(.refusal(Refusal(.capacityPaused, "CapacityNotActive")))
        case "quota": return RemoteReply(.refusal(Refusal(.quotaExhausted, "quota")))
        case "expired": return RemoteReply(.refusal(Refusal(.tokenExpired, "expired")))
        default:
            var reply = RemoteReply(answer(text.split(separator: "|").first.map(String.init) ?? ""))
            for word in words where word.hasPrefix("|server=") {
                reply.serverTime = start + .seconds(Double(word.dropFirst(8))!)
            }
            for word in words where word.hasPrefix("|retry=") {
                reply.retryAfter = .seconds(Double(word.dropFirst(7))!)
            }
            return reply
        }
    }

    private static func history(_ text: String) -> RefreshHistory {
        var owned: Set<String> = []
        var entries: [RefreshRecord] = []
        for part in text.split(separator: ";") {
            let words = part.split(separator: " ").map(String.init)
            switch words.first {
            case nil, "empty": continue
            case "owned": owned = Set(words.dropFirst())
            case "fill":
                // A full page of old entries by others, the oldest beginning at that second.
                let first = Double(words[1])!
                entries += (0..<60).map {
                    record(["old\($0)", "Scheduled", "Completed", "@\(first + Double(60 - $0))"])
                }
            default: entries.append(record(words))
            }
        }
        return RefreshHistory(entries, ownedIDs: owned)
    }

    private static func record(_ words: [String]) -> RefreshRecord {
        var record = RefreshRecord(requestID: words[0], source: words[1])
        set(words[2], in: &record)
        if words.count > 3 { record.startedAt = start + .seconds(Double(words[3].dropFirst())!) }
        return record
    }

    private static func details(_ text: String) -> RefreshRecord {
        var record = RefreshRecord()
        for word in text.split(separator: " ").map(String.init) {
            if word.hasPrefix("type=") {
                record.type = String(word.dropFirst(5))
            } else if word.hasPrefix("[") {
                record.objects = word.dropFirst().dropLast().split(separator: ",").map { name in
                    let parts = name.split(separator: "/").map(String.init)
                    return RefreshObject(table: parts[0], partition: parts.count > 1 ? parts[1] : nil)
                }
            } else {
                set(word, in: &record)
            }
        }
        return record
    }

    private static func set(_ status: String, in record: inout RefreshRecord) {
        let words = status.split(separator: "/").map(String.init)
        record.status = words[0]
        record.extendedStatus = words.count > 1 ? words[1] : nil
    }
}
