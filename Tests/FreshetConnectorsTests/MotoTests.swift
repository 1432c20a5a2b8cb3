import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

/// moto's server for S3, SQS and STS as a process of its own.
final class Moto {
    static let isAvailable = succeeds(
        "python3",
        "-c",
        "import importlib.util as u, sys; sys.exit(not (u.find_spec('moto') and u.find_spec('flask')))"
    )
    private let server: ServerProcess
    let url: String

    /// With `openActions`, so many calls are open to everyone; from then on it checks each signature, with the code of
    /// Amazon's own library, and each policy.
    init(openActions: Int? = nil) throws {
        let setting = openActions.map { "INITIAL_NO_AUTH_ACTION_COUNT=\($0) " } ?? ""
        server = try ServerProcess("\(setting)exec python3 -u -m moto.server -H 127.0.0.1 -p 0 2>&1")
        let url = server.waitForLine { line in
            line.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/).map { String($0.output) }
        }
        self.url = try #require(url)
    }
}

@Suite(.enabled(if: Moto.isAvailable), .timeLimit(.minutes(2)))
struct `Against a stranger's S3 server` {
    @Test func `objects are written, found, listed, read and watched`() async throws {
        let moto = try Moto()
        let surroundings = try surroundings(
            variables: ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hush-hush"]
        )
        let connection = try S3Connection(
            from: settings(["bucket": "lake", "endpoint": .text(moto.url)]),
            in: surroundings
        )
        await #expect(throws: S3Error.noBucket("lake")) { try await connection.object("k") }
        let made = try await surroundings.transport.send(try await connection.access().request("PUT"))
        #expect(made.status == 200)

        #expect(try await connection.object("k") == nil)
        let keys = ["a b+c&d=é'()!*~", "raw/year=2024/orders.json", "x"]
        for key in keys { try await connection.upload(key, Array("body of \(key)".utf8)) }
        let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(try await connection.list(pageSize: 1).map(\.key) == sorted)
        #expect(try await connection.list("raw/").map(\.key) == ["raw/year=2024/orders.json"])

        for key in keys {
            let head = try #require(try await connection.object(key))
            #expect(head.size == Int64("body of \(key)".utf8.count))
            guard case .found(let found, let bytes) = try await connection.download(key) else {
                Issue.record("\(key) is not found")
                continue
            }
            #expect(found.etag == head.etag)
            #expect(String(decoding: bytes, as: UTF8.self) == "body of \(key)")
            guard case .unchanged = try await connection.download(key, ifNoneMatch: head.etag) else {
                Issue.record("\(key) was sent again")
                continue
            }
        }

        let probe = try S3ObjectProbe(from: settings(["connection": "lake", "object": "x"]))
        let context = context(["lake": connection], surroundings)
        let first = try await probe.observe("lake/x", in: context)
        let again = try await probe.observe("lake/x", in: context)
        try await connection.upload("x", Array("other body".utf8))
        let changed = try await probe.observe("lake/x", in: context)
        #expect(first.version == again.version)
        #expect(first.version != changed.version)
    }
}

extension Sequence<UInt8> {
    fileprivate func lexicographicallyPrecedes(_ other: some Sequence<UInt8>) -> Bool {
        lexicographicallyPrecedes(other, by: <)
    }
}
