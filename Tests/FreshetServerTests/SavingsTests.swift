import FreshetCore
import FreshetKit
import Testing

@testable import FreshetView

private func at(_ minute: Int64) -> Timestamp { Timestamp(milliseconds: minute * 60_000) }

@Suite struct `The savings` {
    private let model = AssetSpec(
        key: "model",
        parts: ["a": ["orders"], "b": ["orders"], "c": ["orders"]],
        labels: Labels(owners: ["team:bi"])
    )

    private func success(
        _ minute: Int64,
        _ version: DataVersion,
        extent: Extent = .whole,
        details: JSONValue = .object([:])
    ) -> MaterializationRecord {
        MaterializationRecord(
            materialization: Materialization(
                asset: "model",
                version: version,
                provenance: Provenance(codeVersion: "1", inputs: ["orders": version])
            ),
            run: "r\(minute)",
            startedAt: at(minute),
            at: at(minute + 10),
            extent: extent,
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

    private func report(
        _ decisions: [DecisionRecord],
        _ successes: [MaterializationRecord],
        to end: Timestamp = at(200)
    ) -> SavingsReport {
        let history = SavingsReport.History(model, decisions, successes, since: at(0))
        return SavingsReport([history], from: at(0), to: end, in: .utc)
    }

    @Test func `count what was avoided, wasted and late`() {
        let total = report(
            [
                decision(5, .skip(.upToDate)), decision(20, .skip(.notSelected(byBranch: "gate"))),
                decision(50, .run([.inputChanged("orders")])), decision(90, .skip(.upstreamFailed("orders"))),
            ],
            [success(100, "v2"), success(60, "v2"), success(-100, "v1")]
        ).total
        #expect(total.refreshed == 2)
        #expect(total.avoided == 2)
        #expect(total.avoidedTime == .seconds(20 * 60))
        #expect(total.wasted == 1)
        #expect(total.late == .seconds(10 * 60))
    }

    @Test func `tell what shadow proved`() {
        let finding: (JSONValue) -> JSONValue = { ["shadow": ["same": $0]] }
        let total = report(
            [],
            [
                success(100, "v2", details: finding(.boolean(true))),
                success(60, "v2", details: finding(.boolean(false))),
                success(30, "v2", details: finding(.null)), success(10, "v1"),
            ]
        ).total
        #expect((total.refreshed, total.shadowed, total.wrong, total.unproved) == (4, 3, 1, 1))
    }

    @Test func `count the tables that a refresh of some left out`() {
        let total = report([], [success(60, "v2", extent: .parts(["a"])), success(10, "v1")]).total
        #expect((total.tablesRefreshed, total.tablesAvoided) == (4, 2))
    }

    @Test func `do not say what a refresh takes that was never made`() {
        let total = report([decision(5, .skip(.upToDate))], []).total
        #expect(total.avoided == 1)
        #expect(total.avoidedTime == nil)
    }

    @Test func `add up by day and by team to the same`() {
        let day: Int64 = 24 * 60
        let report = report(
            [decision(5, .skip(.upToDate)), decision(day + 5, .skip(.upToDate))],
            [success(day + 60, "v2"), success(10, "v1")],
            to: at(2 * day + 1)
        )
        #expect(report.days.map(\.savings.avoided) == [1, 1, 0])
        #expect(report.days.map(\.savings.refreshed) == [1, 1, 0])
        #expect(report.days.map(\.savings).reduce(Savings(), +) == report.total)
        #expect(report.rows(by: .team) == [SavingsReport.Row(name: "team:bi", savings: report.total)])
        #expect(report.rows(by: .asset) == [SavingsReport.Row(name: "model", savings: report.total)])
    }
}
