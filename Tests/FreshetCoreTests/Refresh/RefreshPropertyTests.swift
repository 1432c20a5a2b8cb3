import Testing

@testable import FreshetCore

/// Whatever the service answers, loses or invents, and whenever the process dies.
@Suite struct RefreshPropertyTests {
    @Test(arguments: 0..<400)
    func `never posts twice or without a durable intent, never invents a success, and always ends`(_ seed: Int) {
        var world = World(seed: UInt64(seed))
        let outcome = world.play()
        #expect(world.violations == [], "seed \(seed)\n\(world.trace.joined(separator: "\n"))")
        #expect(outcome != nil, "does not end; seed \(seed)\n\(world.trace.suffix(40).joined(separator: "\n"))")
    }

    @Test func `reaches every kind of end in those conversations`() {
        var ends: Set<String> = []
        for seed in 0..<400 {
            var world = World(seed: UInt64(seed))
            if let outcome = world.play() {
                ends.insert(Conversation.describe(outcome).split(separator: " ").prefix(2).joined(separator: " "))
            }
        }
        let kinds = Set(ends.map { $0.hasPrefix("succeeded") ? "succeeded" : $0 })
        let expected: Set = [
            "succeeded", "failed not_found", "failed remote_failed", "failed unresolved_post", "stopped there",
        ]
        #expect(expected.isSubset(of: kinds), "\(kinds.sorted())")
    }
}

/// A service, a store and a process, all unreliable at first and reliable after a while.
private struct World {
    private struct Refresh {
        var id: String
        var source: String
        var start: Timestamp
        var status: String
        var isListed: Bool
    }
    private static let faultySteps = 60
    private static let maxSteps = 3000

    private var chance: Chance
    private var now = Timestamp(seconds: 1_000_000)
    private var refreshes: [Refresh] = []
    private var durable: RemoteOperation?
    private var steps = 0
    private var posts = 0
    private var isIntentConfirmed = false
    private(set) var violations: [String] = []
    private(set) var trace: [String] = []
    private let policy: RefreshPolicy
    private let objects: [String]

    init(seed: UInt64) {
        chance = Chance(seed: seed)
        var policy = RefreshPolicy()
        policy.onConflict = RefreshPolicy.OnConflict.allCases[Int(chance.next() * 4)]
        self.policy = policy
        objects = chance.next() < 0.5 ? [] : ["sales"]
        if chance.next() < 0.3 { startForeign() }
    }

    private var isFaulty: Bool { steps < Self.faultySteps }

    private mutating func roll(_ probability: Double) -> Bool { isFaulty && chance.next() < probability }

    mutating func play() -> RefreshOutcome? {
        var machine = boot()
        var action = machine.handle(.began, at: now).first
        while steps < Self.maxSteps {
            steps += 1
            guard let present = action else {
                violations.append("nothing is asked for")
                return nil
            }
            trace.append("\(now.seconds) \(present)")
            if case .finish(let outcome) = present {
                check(outcome)
                return outcome
            }
            progress()
            let event = perform(present)
            if roll(0.06) {
                trace.append("restart")
                machine = boot()
                action = machine.handle(.began, at: now).first
                continue
            }
            if roll(0.02) { _ = machine.handle(.stopRequested(.cancelled), at: now) }
            // Late and repeated events must change nothing.
            if roll(0.1) {
                let strays: [RefreshMachine.Event] = [.began, .committed, .woke]
                let stray = strays[Int(chance.next() * 3)]
                if !Self.fits(stray, present), machine.handle(stray, at: now) != [] {
                    violations.append("heeds a stray \(stray)")
                }
            }
            if case .committed = event, case .commit(let operation, _) = present, operation.state == .prepared {
                isIntentConfirmed = true
            }
            action = machine.handle(event, at: now).first
        }
        return nil
    }

    private static func fits(_ event: RefreshMachine.Event, _ action: RefreshMachine.Action) -> Bool {
        switch (event, action) {
        case (.committed, .commit), (.woke, .sleep): true
        default: false
        }
    }

    /// A process begins, with nothing but what is durable.
    private mutating func boot() -> RefreshMachine {
        isIntentConfirmed = false
        let fresh = RemoteOperation(
            id: "run/model/1",
            run: "run",
            asset: "model",
            attempt: 1,
            target: "powerbi/w/m",
            bodyHash: "feed",
            objects: objects,
            preparedAt: now,
            deadline: now + .seconds(7200)
        )
        return RefreshMachine(
            durable ?? fresh,
            isResuming: durable != nil,
            type: "full",
            plannedAt: now,
            policy: policy,
            seed: UInt64(steps)
        )
    }

    private mutating func perform(_ action: RefreshMachine.Action) -> RefreshMachine.Event {
        switch action {
        case .commit(let operation, _):
            if roll(0.1) { return .commitFailed(.failed("disk full")) }
            durable = operation
            // The store may also say that it failed when it did not.
            return roll(0.05) ? .commitFailed(.failed("unknown outcome")) : .committed
        case .post:
            posts += 1
            if posts > 1 { violations.append("posts \(posts) times") }
            if !isIntentConfirmed { violations.append("posts without a confirmed intent") }
            return .posted(post())
        case .listHistory: return .history(list())
        case .getDetails(let id): return .details(details(id))
        case .cancelRemote(let id):
            if roll(0.3) { return .cancelAnswered(RemoteReply(.silence(Silence("lost")))) }
            for index in refreshes.indices where refreshes[index].id == id && refreshes[index].status == "Unknown" {
                refreshes[index].status = "Cancelled"
            }
            return .cancelAnswered(RemoteReply(.answer(.init())))
        case .sleep(let moment):
            now = max(now, moment)
            return .woke
        case .finish: return .woke
        }
    }

    private mutating func post() -> RemoteReply<RefreshMachine.Acceptance> {
        if roll(0.1) { return RemoteReply(.silence(Silence(mayHaveArrived: false, "cannot connect"))) }
        if refreshes.contains(where: { $0.status == "Unknown" }) {
            return RemoteReply(.refusal(Refusal(.busy, "already executing")))
        }
        let isDropped = roll(0.2)
        let id = "own"
        if !isDropped {
            refreshes.insert(
                Refresh(id: id, source: "ViaEnhancedApi", start: now, status: "Unknown", isListed: !roll(0.3)),
                at: 0
            )
        }
        if roll(0.4) { return RemoteReply(.silence(Silence("lost"))) }
        return RemoteReply(.answer(.init(requestID: isDropped && roll(0.5) ? "dropped" : isDropped ? nil : id)))
    }

    private mutating func list() -> RemoteReply<RefreshHistory> {
        if roll(0.2) { return RemoteReply(.silence(Silence("lost"))) }
        let entries = refreshes.filter(\.isListed).map { refresh in
            RefreshRecord(
                requestID: refresh.id,
                source: refresh.source,
                startedAt: refresh.start,
                endedAt: refresh.status == "Unknown" ? nil : now,
                status: garbled(refresh.status)
            )
        }
        return RemoteReply(.answer(RefreshHistory(entries)), serverTime: now)
    }

    private mutating func details(_ id: String) -> RemoteReply<RefreshRecord> {
        if roll(0.2) { return RemoteReply(.silence(Silence("lost"))) }
        guard let refresh = refreshes.first(where: { $0.id == id && $0.source == "ViaEnhancedApi" }) else {
            return RemoteReply(.refusal(Refusal(.notFound, "missing")))
        }
        let objects = refresh.id == "own" && !roll(0.2) ? [RefreshObject(table: "sales", partition: "p")] : []
        return RemoteReply(
            .answer(
                RefreshRecord(type: "Full", startedAt: refresh.start, status: garbled(refresh.status), objects: objects)
            )
        )
    }

    /// Words that mean nothing, now and then; never `Completed` where it is not true.
    private mutating func garbled(_ status: String) -> String? {
        roll(0.2) ? ["", "Wonderful", "Unknown", nil][Int(chance.next() * 4)] : status
    }

    /// Time passes over there too.
    private mutating func progress() {
        for index in refreshes.indices {
            if chance.next() < 0.3 { refreshes[index].isListed = true }
            if !isFaulty { refreshes[index].isListed = true }
            guard refreshes[index].status == "Unknown", chance.next() < 0.05 else { continue }
            refreshes[index].status = chance.next() < 0.7 ? "Completed" : "Failed"
        }
        if roll(0.03), !refreshes.contains(where: { $0.status == "Unknown" }) { startForeign() }
    }

    private mutating func startForeign() {
        let source = ["Scheduled", "OnDemand", "ViaEnhancedApi"][Int(chance.next() * 3)]
        refreshes.insert(
            Refresh(id: "foreign\(refreshes.count)", source: source, start: now, status: "Unknown", isListed: true),
            at: 0
        )
    }

    private mutating func check(_ outcome: RefreshOutcome) {
        guard case .succeeded(let report) = outcome else { return }
        let isTrue = refreshes.contains { $0.id == report.requestID && $0.status == "Completed" }
        if !isTrue { violations.append("succeeded without a Completed of \(report.requestID ?? "nothing")") }
    }
}
