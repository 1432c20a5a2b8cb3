import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetConnectors

/// A bucket of somebody else's server, or here a folder, in which objects come and go.
struct `A prefix` {
    private let folder: String
    private let clock = ManualClock(at: Timestamp(seconds: 1_777_000_000))
    private let context: ProbeContext

    init() throws {
        folder = try temporaryFolder()
        var surroundings = try surroundings(root: folder)
        surroundings.clock = clock
        let connection = try FileConnection(from: settings(["path": .text(folder)]), in: surroundings)
        context = FreshetConnectorsTests.context(["lake": connection], surroundings)
    }

    private func write(_ key: String, _ text: String) throws {
        let path = URL(filePath: folder).appending(path: key)
        try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: path)
    }

    private func probe(_ fields: KeyValuePairs<String, ConfigValue.Content>) throws -> S3PrefixProbe {
        let origin = Origin(file: "t")
        let all = settings(["connection": "lake"]).value.entries + settings(fields).value.entries
        return try S3PrefixProbe(from: Settings(ConfigValue(.object(all), at: origin)))
    }

    @Test func `tells new, overwritten and deleted objects apart`() async throws {
        let probe = try probe(["prefix": "raw/"])
        try write("raw/a", "1")
        try write("raw/b", "1")
        try write("other", "1")
        let first = try await probe.observe("x", from: nil, in: context)
        #expect(first.observation.values["objects"] == .integer(2))
        let same = try await probe.observe("x", from: first.cursor, in: context)
        #expect(same.observation.version == first.observation.version)
        #expect(same.observation.values == first.observation.values)
        try write("raw/c/d", "1")
        try write("raw/b", "22")
        try FileManager.default.removeItem(atPath: folder + "/raw/a")
        let second = try await probe.observe("x", from: same.cursor, in: context)
        #expect(second.observation.version != first.observation.version)
        let values = second.observation.values
        #expect(values["new_keys"] == .text("raw/c/d"))
        #expect(values["overwritten_keys"] == .text("raw/b"))
        #expect(values["deleted_keys"] == .text("raw/a"))
        #expect(["new", "overwritten", "deleted"].map { values[$0] } == [.integer(1), .integer(1), .integer(1)])
        // What led to the present version is told as long as it is the present one.
        let third = try await probe.observe("x", from: second.cursor, in: context)
        #expect(third.observation.values == values)
    }

    @Test func `has one version, whatever is remembered of it`() async throws {
        let probe = try probe(["prefix": "raw/"])
        try write("raw/a", "1")
        let first = try await probe.observe("x", from: nil, in: context)
        try write("raw/b", "1")
        let second = try await probe.observe("x", from: first.cursor, in: context)
        #expect(try await probe.observe("x", in: context).version == second.observation.version)
        #expect(
            try await probe.observe("x", from: "{broken", in: context).observation.version == second.observation.version
        )
    }

    @Test func `counts only what its pattern matches`() async throws {
        try write("raw/a.csv", "1")
        try write("raw/deep/b.csv", "1")
        try write("raw/c.txt", "1")
        let cases: [(KeyValuePairs<String, ConfigValue.Content>, Int64)] = [
            (["glob": "raw/*.csv"], 1), (["glob": "raw/**/*.csv"], 2), (["regex": "raw/.*\\.(csv|txt)"], 3),
            (["prefix": "raw/", "regex": "a\\.csv"], 0), (["prefix": "raw/c"], 1),
        ]
        for (fields, count) in cases {
            let seen = try await probe(fields).observe("x", in: context)
            #expect(seen.values["objects"] == .integer(count), "\(fields)")
        }
    }

    @Test func `is not there with fewer objects than it needs`() async throws {
        let probe = try probe(["prefix": "raw/", "min_objects": .integer(2)])
        #expect(try await probe.observe("x", in: context).version == .missing)
        try write("raw/a", "1")
        let seen = try await probe.observe("x", in: context)
        #expect(seen.version == .missing)
        #expect(seen.message == "1 of at least 2 objects are there")
        try write("raw/b", "1")
        #expect(try await probe.observe("x", in: context).version != .missing)
    }

    @Test func `may be empty where that is said`() async throws {
        let probe = try probe(["prefix": "raw/", "min_objects": .integer(0)])
        let empty = try await probe.observe("x", from: nil, in: context)
        try write("raw/a", "1")
        let full = try await probe.observe("x", from: empty.cursor, in: context)
        #expect(empty.observation.version != .missing && empty.observation.version != full.observation.version)
    }

    @Test func `keeps its version until it has been quiet, which each change begins anew`() async throws {
        let probe = try probe(["prefix": "raw/", "quiet_period": "5m", "every": "1m"])
        try write("raw/a", "1")
        var seen = try await probe.observe("x", from: nil, in: context)
        let before = seen.observation.version
        try write("raw/b", "1")
        seen = try await probe.observe("x", from: seen.cursor, in: context)
        #expect(seen.observation.version == before)
        #expect(seen.observation.message?.contains("after 5m of quiet") == true)
        clock.advance(by: .seconds(240))
        try write("raw/c", "1")
        seen = try await probe.observe("x", from: seen.cursor, in: context)
        clock.advance(by: .seconds(240))
        seen = try await probe.observe("x", from: seen.cursor, in: context)
        #expect(seen.observation.version == before)
        clock.advance(by: .seconds(60))
        seen = try await probe.observe("x", from: seen.cursor, in: context)
        #expect(seen.observation.version != before)
        #expect(seen.observation.values["new"] == .integer(2))
        #expect(seen.observation.message == nil)
    }

    @Test func `does not wait for longer because the clock was set back`() async throws {
        let probe = try probe(["prefix": "raw/", "quiet_period": "5m", "every": "1m"])
        try write("raw/a", "1")
        var seen = try await probe.observe("x", from: nil, in: context)
        let before = seen.observation.version
        try write("raw/b", "1")
        seen = try await probe.observe("x", from: seen.cursor, in: context)
        clock.set(to: clock.now - .seconds(86_400))
        seen = try await probe.observe("x", from: seen.cursor, in: context)
        #expect(seen.observation.version == before)
        clock.advance(by: .seconds(300))
        seen = try await probe.observe("x", from: seen.cursor, in: context)
        #expect(seen.observation.version != before)
    }

    @Test func `tells keys apart by their bytes, whatever they look like`() async throws {
        let probe = try probe(["prefix": "raw/e"])
        try write("raw/e\u{301}", "1")
        try write("raw/e\u{300}", "1")
        let first = try await probe.observe("x", from: nil, in: context)
        try write("raw/e\u{301}\u{327}", "1")
        let second = try await probe.observe("x", from: first.cursor, in: context)
        // The same to a reader as the one before, and another file.
        try write("raw/e\u{327}\u{301}", "1")
        let third = try await probe.observe("x", from: second.cursor, in: context)
        try write("raw/e\u{301}\u{327}", "22")
        let fourth = try await probe.observe("x", from: third.cursor, in: context)
        let counts = [first, second, third, fourth].map { seen in
            ["new", "overwritten", "deleted"].map { seen.observation.values[$0] ?? .integer(0) }
        }
        #expect(counts[1] == [.integer(1), .integer(0), .integer(0)])
        #expect(counts[2] == [.integer(1), .integer(0), .integer(0)])
        #expect(counts[3] == [.integer(0), .integer(1), .integer(0)])
        #expect(fourth.observation.values["objects"] == .integer(4))
    }

    @Test func `does not wait for ever for quiet`() async throws {
        let probe = try probe(["prefix": "raw/", "quiet_period": "5m", "every": "1m"])
        try write("raw/a", "1")
        var seen = try await probe.observe("x", from: nil, in: context)
        let before = seen.observation.version
        var minutes = 0
        while seen.observation.version == before {
            try write("raw/\(minutes)", "1")
            seen = try await probe.observe("x", from: seen.cursor, in: context)
            clock.advance(by: .seconds(60))
            minutes += 1
        }
        #expect(minutes == 51)
    }

    @Test func `forgets a change that was taken back before it counted`() async throws {
        let probe = try probe(["prefix": "raw/", "quiet_period": "5m", "every": "1m"])
        try write("raw/a", "1")
        let first = try await probe.observe("x", from: nil, in: context)
        try write("raw/b", "1")
        let during = try await probe.observe("x", from: first.cursor, in: context)
        try FileManager.default.removeItem(atPath: folder + "/raw/b")
        let after = try await probe.observe("x", from: during.cursor, in: context)
        #expect(after.observation == first.observation)
    }

    @Test func `begins anew when its settings change`() async throws {
        try write("raw/a", "1")
        let narrow = try await probe(["prefix": "raw/a"]).observe("x", from: nil, in: context)
        let wide = try await probe(["prefix": "raw/"]).observe("x", from: narrow.cursor, in: context)
        #expect(wide.observation.values["new"] == nil)
    }

    @Test(arguments: [
        ["prefix": "a", "glob": "[a"], ["prefix": "a", "regex": "("], ["glob": "a", "regex": "a"], [:],
        ["prefix": "a", "quiet_period": "5m"],
    ])
    func `is refused when it could not work`(fields: [String: String]) throws {
        let origin = Origin(file: "t")
        var all = settings(["connection": "lake"]).value.entries
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            all.append(ConfigValue.Entry(key: key, keyOrigin: origin, value: ConfigValue(.text(value), at: origin)))
        }
        #expect(throws: Diagnostic.self) { try S3PrefixProbe(from: Settings(ConfigValue(.object(all), at: origin))) }
    }
}
