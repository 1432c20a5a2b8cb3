import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetConnectors

struct `A job whose runs are repaired` {
    private let transport = ScriptedTransport([
        .expect("GET", "/jobs/get?job_id=7", status: 200, body: "{}", isRepeated: true)
    ])

    /// One look at a job of which a list of runs is told.
    private func look(
        _ runs: String...,
        after previous: Observation? = nil
    ) async throws -> Observation {
        let body = #"{"runs":[\#(runs.joined(separator: ","))],"has_more":false}"#
        transport.append(.expect("GET", "/runs/list?job_id=7", status: 200, body: body))
        let surroundings = try surroundings(transport: transport)
        let connection = try DatabricksConnection(
            from: settings(["host": "https://dbc.example.com", "token": "t"]),
            in: surroundings
        )
        let probe = try DatabricksJobRunProbe(
            from: settings(["connection": "lakehouse", "job": "7", "on_success_with_failures": "warn"])
        )
        var context = context(["lakehouse": connection], surroundings)
        context.previous = previous
        return try await probe.observe("x", in: context)
    }

    private func run(_ id: Int, _ result: String, from start: Int, to end: Int, _ more: String = "") -> String {
        let life = end > 0 ? "TERMINATED" : "RUNNING"
        return #"{"run_id":\#(id),"start_time":\#(start),"end_time":\#(end),"#
            + #""state":{"life_cycle_state":"\#(life)","result_state":"\#(result)"}\#(more)}"#
    }

    @Test func `has another version after each repair`() async throws {
        let first = try await look(run(100, "SUCCESS_WITH_FAILURES", from: 1000, to: 2000))
        let again = try await look(run(100, "SUCCESS_WITH_FAILURES", from: 1000, to: 2000), after: first)
        let repaired = try await look(run(100, "SUCCESS", from: 1000, to: 9000), after: again)
        #expect(first.version == .known("run_id=100;ended=2000"))
        #expect(again.version == first.version)
        #expect(repaired.version == .known("run_id=100;ended=9000"))
        let history = #","repair_history":[{"type":"ORIGINAL"},{"type":"REPAIR","id":73}]"#
        let told = try await look(run(100, "SUCCESS", from: 1000, to: 9000, history))
        #expect(told.version == .known("run_id=100;ended=9000;repair=73"))
    }

    @Test func `keeps its version while a repair goes on, and when it fails`() async throws {
        let old = run(99, "SUCCESS", from: 100, to: 200)
        let first = try await look(run(100, "SUCCESS_WITH_FAILURES", from: 1000, to: 2000), old)
        // A run that goes on is not among those that have ended.
        let during = try await look(old, after: first)
        let failed = try await look(run(100, "FAILED", from: 1000, to: 3000), old, after: during)
        let alone = try await look(run(100, "FAILED", from: 1000, to: 3000), after: failed)
        #expect([during, failed, alone].map(\.version) == Array(repeating: first.version, count: 3))
        #expect([during, failed, alone].map(\.health) == [.ok, .failed, .failed])
        let next = try await look(run(101, "SUCCESS", from: 4000, to: 5000), old, after: alone)
        #expect(next.version == .known("run_id=101;ended=5000"))
    }
}
