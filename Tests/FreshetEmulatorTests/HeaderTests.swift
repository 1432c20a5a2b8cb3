import Foundation
import Testing

@testable import FreshetEmulator

@Suite struct HeaderTests {
    @Test(arguments: [
        "/v1.0/myorg/groups", Fixture.sales, Fixture.sales + "/refreshes", Fixture.sales + "/refreshes/unheard",
        "/v1.0/myorg/nowhere", "/v1.0/myorg/admin/workspaces/modified", "/v1/operations/unheard",
    ])
    func `E19: every response has a RequestId of its own`(path: String) throws {
        let fixture = Fixture()
        let ids = (0..<2).map { _ in fixture.ask("GET", path)?.header("RequestId") }
        #expect(ids[0] != nil && ids[0] != ids[1])
        fixture.token = ""
        #expect(fixture.ask("GET", path)?.header("RequestId") != nil)
    }

    @Test(arguments: [("gzip", true), ("deflate, GZIP;q=0.5", true), ("*", true), ("gzip;q=0", false), ("br", false)])
    func `E19: a body is packed for those who take gzip`(accepted: String, isPacked: Bool) throws {
        let fixture = Fixture()
        let headers = [("authorization", "Bearer \(fixture.token)"), ("accept-encoding", accepted)]
        let plain = try #require(fixture.ask("GET", "/v1.0/myorg/datasets"))
        let reply = try #require(fixture.ask(Call("GET", "/v1.0/myorg/datasets", headers: headers)))
        #expect(reply.header("Content-Encoding") == (isPacked ? "gzip" : nil))
        #expect((reply.json == nil) == isPacked && plain.header("Content-Encoding") == nil)
        let empty = Call("POST", Fixture.sales + "/refreshes", headers: headers, body: Array("{}".utf8))
        #expect(fixture.ask(empty)?.header("Content-Encoding") == nil)
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 200_000])
    func `E19: what is packed can be unpacked by anybody`(size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let folder = FileManager.default.temporaryDirectory
        let packed = folder.appending(path: "freshet-gzip-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: packed) }
        try Data(Gzip.framed(bytes)).write(to: packed)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/gzip")
        process.arguments = ["--decompress", "--stdout"]
        process.standardInput = try FileHandle(forReadingFrom: packed)
        process.standardOutput = output
        try process.run()
        let unpacked = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && Array(unpacked) == bytes)
    }

    @Test func `E19: a scripted body goes out as it is written`() throws {
        let fixture = Fixture()
        fixture.script(["status": 503, "body": "busy"], kind: "groups")
        let headers = [("authorization", "Bearer \(fixture.token)"), ("accept-encoding", "gzip")]
        #expect(fixture.ask(Call("GET", "/v1.0/myorg/groups", headers: headers))?.body == Array("busy".utf8))
    }
}
