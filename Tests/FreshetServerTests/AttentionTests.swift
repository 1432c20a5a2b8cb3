import FreshetCore
import FreshetKit
import Testing

@testable import FreshetServer

@Suite struct `What needs attention` {
    private static let now = Timestamp(seconds: 1_777_000_000)

    private func rows(_ around: Attention.Around) throws -> [JSONValue] {
        let specs = [AssetSpec(key: "sales"), AssetSpec(key: "stock")]
        let project = Project(
            name: "attention",
            root: "/",
            timeZone: "UTC",
            store: "",
            environment: nil,
            mode: .act,
            connections: [],
            sources: [],
            pools: [:],
            assets: [],
            graph: try AssetGraph(specs),
            configVersion: "c"
        )
        return Attention(project, Panorama(project, StoreSnapshot(), at: Self.now), around).documents
    }

    private func warning(_ check: String, _ asset: AssetKey?, isFailure: Bool = false) -> Outside.Warning {
        Outside.Warning(
            check: check,
            isFailure: isFailure,
            asset: asset,
            sentence: "is not well",
            mend: "mend it",
            since: Self.now
        )
    }

    @Test func `is nothing where all is well`() throws {
        #expect(try rows(Attention.Around()) == [])
    }

    @Test func `is a store that does not take what has happened`() throws {
        let row = try #require(try rows(Attention.Around(storeTrouble: .full("disk full"))).first)
        #expect(row["code"] == "store")
        #expect(row["severity"] == "error")
        #expect(row["sentence"]?.text?.contains("no room left (disk full)") == true)
    }

    @Test func `is one row for a cause, however many it affects`() throws {
        let around = Attention.Around(warnings: [
            warning(Outside.Warning.schedule, "sales"), warning(Outside.Warning.schedule, "stock"),
        ])
        let found = try rows(around)
        #expect(found.count == 1)
        #expect(found.first?["code"] == "ui_schedule_on")
        #expect(found.first?["count"] == 2)
        let text = "sales: is not well; mend it (and 1 more; 'freshet doctor' lists them)"
        #expect(found.first?["sentence"] == .text(text))
    }

    @Test func `is a check that failed, and not one that only warns`() throws {
        let around = Attention.Around(warnings: [
            warning("owner", "sales"), warning("token", nil), warning("token", nil, isFailure: true),
        ])
        let found = try rows(around)
        #expect(found.map { $0["code"] } == ["connection_failing"])
        #expect(found.first?["severity"] == "error")
    }

    @Test func `is a credential that ends, and more so one that has ended`() throws {
        let code = Outside.Warning.expiry
        let ending = try rows(Attention.Around(warnings: [warning(code, nil)]))
        let ended = try rows(Attention.Around(warnings: [warning(code, nil), warning(code, nil, isFailure: true)]))
        #expect(ending.map { $0["severity"] } == ["warning"])
        #expect(ended.map { $0["severity"] } == ["error"])
        #expect(ended.map { $0["code"] } == ["credential_expiring"])
    }
}
