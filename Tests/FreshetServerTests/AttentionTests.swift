import FreshetCore
import FreshetKit
import Testing

@testable import FreshetServer

@Suite struct `What needs attention` {
    private static let now = Timestamp(seconds: 1_777_000_000)

    private func rows(_ around: Attention.Around) throws -> [JSONValue] {
        let project = try Project.sample(of: [AssetSpec(key: "sales"), AssetSpec(key: "stock")])
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
        #expect(row["sentence"]?.text?.contains("no room left") == true)
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

    @Test func `is a mistake in a file by its place alone`() throws {
        let place = Origin(file: "freshet.yaml", line: 3, column: 5)
        let file = ConfigReport.File(name: "freshet.yaml", status: .changed, assets: 0, before: "", after: "x")
        let files = ConfigReport(
            loadedAt: Self.now,
            files: [file],
            diagnostics: [Diagnostic("'hunter2' is no address", at: place)],
            next: nil
        )
        let text = try #require(try rows(Attention.Around(files: files)).first?["sentence"]?.text)
        #expect(text.contains("a mistake at freshet.yaml:3:5"))
        #expect(!text.contains("hunter2"))
    }

    @Test func `is a check that failed, and not one that only warns of an asset`() throws {
        let around = Attention.Around(warnings: [
            warning("owner", "sales"), warning("connect", nil), warning("token", nil, isFailure: true),
        ])
        let found = try rows(around)
        #expect(found.map { $0["code"] } == ["connection_failing", "connection_failing"])
        #expect(found.map { $0["severity"] } == ["warning", "error"])
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
