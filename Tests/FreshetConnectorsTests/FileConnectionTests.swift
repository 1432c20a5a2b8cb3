import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

struct `A folder is read like a bucket` {
    private let folder: String
    private let connection: FileConnection

    init() throws {
        folder = try temporaryFolder()
        try FileManager.default.createDirectory(atPath: folder + "/target", withIntermediateDirectories: true)
        connection = try FileConnection(from: settings(["path": "target"]), in: surroundings(root: folder))
    }

    private func write(_ text: String) throws {
        try text.write(toFile: folder + "/target/a.json", atomically: true, encoding: .utf8)
    }

    @Test func `a file comes whole, and again only when it was written`() async throws {
        try write("one")
        guard case .found(let head, let bytes) = try await connection.get("a.json", ifNoneMatch: nil) else {
            Issue.record("not found")
            return
        }
        #expect(bytes == Array("one".utf8))
        #expect(try await connection.head("a.json") == head)
        guard case .unchanged = try await connection.get("a.json", ifNoneMatch: head.etag) else {
            Issue.record("sent again")
            return
        }
        try write("two")
        guard case .found(_, let changed) = try await connection.get("a.json", ifNoneMatch: head.etag) else {
            Issue.record("not found")
            return
        }
        #expect(changed == Array("two".utf8))
    }

    @Test func `a file that is not there is missing`() async throws {
        #expect(try await connection.head("nothing.json") == nil)
        guard case .missing = try await connection.get("nothing.json", ifNoneMatch: nil) else {
            Issue.record("not missing")
            return
        }
    }

    @Test func `a folder is not a file`() async throws {
        await #expect(throws: FileError.self) { try await connection.head(".") }
    }

    @Test func `a named pipe is not waited for`() async throws {
        mkfifo(folder + "/target/pipe", 0o600)
        await #expect(throws: FileError.self) { try await connection.head("pipe") }
    }

    @Test func `a probe watches a file`() async throws {
        try write("one")
        let probe = try S3ObjectProbe(from: settings(["connection": "here", "object": "a.json"]))
        let context = context(["here": connection], try surroundings())
        let first = try await probe.observe("x", in: context)
        try write("two")
        let second = try await probe.observe("x", in: context)
        #expect(first.version != second.version)
        #expect(first.strength == .probable)
    }
}
