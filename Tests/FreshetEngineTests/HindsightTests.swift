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
