import FreshetCore
import FreshetKit
import FreshetTesting
import FreshetView
import Testing

@testable import FreshetEngine

private func at(_ minute: Int64) -> Timestamp { Timestamp(milliseconds: minute * 60_000) }

private func log(_ entries: [(Int64, AssetKey, DataVersion)]) -> [LoggedObservation] {
    entries.enumerated().map { index, entry in
        LoggedObservation(
            sequence: Int64(index + 1),
            asset: entry.1,
            observation: Observation(.known(entry.2)),
            at: at(entry.0)
        )
    }
}

@Suite struct `What others refresh` {
    private let refreshes = [0, 60, 120, 180].map { Hindsight.Refresh(startedAt: at($0), endedAt: at($0 + 5)) }

    @Test func `is needed where an input changed since the refresh before, and not where none did`() {
        let moves = log([(-10, "orders", "v1"), (30, "orders", "v2"), (170, "orders", "v3")])
        let verdicts = Hindsight.judge(refreshes, reading: ["orders"], moves).map(\.verdict)
        #expect(
            verdicts == [
                .refreshed(["orders"], seenAt: at(30)), .skipped, .refreshed(["orders"], seenAt: at(170)),
            ]
        )
    }

    @Test func `is not judged where an input had not been seen`() {
        let moves = log([(70, "orders", "v1")])
        let verdicts = Hindsight.judge(refreshes, reading: ["orders"], moves).map(\.verdict)
        #expect(verdicts == [.unknown(["orders"]), .unknown(["orders"]), .skipped])
    }

    @Test func `is late for what changed after the last of it`() {
        let moves = log([(-10, "orders", "v1"), (190, "orders", "v2"), (195, "orders", "v3")])
        let waiting = Hindsight.waiting(since: refreshes[3], reading: ["orders"], moves)
        #expect(waiting.map(\.asset) == ["orders"])
        #expect(waiting.map(\.at) == [at(190)])
    }
}

@Suite struct `A simulation` {
    private func project(_ policy: AutomationPolicy) async throws -> Project {
        try await House("orders -> model", policy: AssetPolicy(automation: policy)).project
    }

    private func replay(_ project: Project) -> [Simulation.Outcome] {
        let moves = log([(0, "orders", "v1"), (10, "orders", "v2"), (12, "orders", "v3"), (100, "orders", "v4")])
        return Simulation.replay(moves, through: project, knowing: StoreSnapshot(), from: at(-1), to: at(300))
    }

    @Test func `refreshes at each change, as the engine would`() async throws {
        let outcomes = replay(try await project(AutomationPolicy()))
        #expect(
            outcomes.filter { if case .run = $0.decision { true } else { false } }.map(\.at)
                == [0, 10, 12, 100].map(at)
        )
    }

    @Test func `goes by the pace of the configuration that is tried`() async throws {
        let outcomes = replay(try await project(AutomationPolicy(quietPeriod: .seconds(300))))
        #expect(
            outcomes.filter { if case .run = $0.decision { true } else { false } }.map(\.at) == [5, 17, 105].map(at)
        )
    }

    @Test func `answers the slots of the configuration that is tried`() async throws {
        let hourly = Schedule([try CronExpression(parsing: "0 * * * *")])
        let outcomes = replay(try await project(AutomationPolicy(actsOnChange: false, schedule: hourly)))
        let runs = outcomes.filter { if case .run = $0.decision { true } else { false } }.map(\.at)
        #expect(runs == [60, 120].map(at))
        #expect(outcomes.count { $0.decision == .skip(.upToDate) } == 3)
    }
}

@Suite struct `The savings` {
    private func success(_ minute: Int64, _ version: DataVersion, details: JSONValue = .object([:]))
        -> MaterializationRecord
    {
        MaterializationRecord(
            materialization: Materialization(
                asset: "model",
                version: version,
                provenance: Provenance(codeVersion: "1", inputs: ["orders": version])
            ),
            run: "r\(minute)",
            startedAt: at(minute),
            at: at(minute + 10),
            extent: .whole,
            details: details
        )
    }

    private func decision(_ minute: Int64, _ decision: Decision) -> DecisionRecord {
        DecisionRecord(
            asset: "model",
            decision: decision,
            evidence: [],
            at: at(minute),
            configVersion: "",
            graphHash: ""
        )
    }

    @Test func `count what was avoided, wasted and late`() {
        let decisions = [
            decision(5, .skip(.upToDate)), decision(20, .skip(.notSelected(byBranch: "gate"))),
            decision(50, .run([.inputChanged("orders")])), decision(90, .skip(.upstreamFailed("orders"))),
        ]
        let successes = [success(100, "v2"), success(60, "v2"), success(-100, "v1")]
        let savings = Savings(of: "model", decisions, successes, since: at(0))
        #expect(savings.refreshes == 2)
        #expect(savings.avoided == 2)
        #expect(savings.avoidedTime == .seconds(20 * 60))
        #expect(savings.wasted == 1)
        #expect(savings.late == .seconds(10 * 60))
    }

    @Test func `tell what shadow proved`() {
        let finding: (JSONValue) -> JSONValue = { ["shadow": ["same": $0]] }
        let successes = [
            success(100, "v2", details: finding(.boolean(true))), success(60, "v2", details: finding(.boolean(false))),
            success(30, "v2", details: finding(.null)), success(10, "v1"),
        ]
        let savings = Savings(of: "model", [], successes, since: at(0))
        #expect((savings.refreshes, savings.shadowed, savings.wrong, savings.unproved) == (4, 3, 1, 1))
    }
}
