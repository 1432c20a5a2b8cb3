import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

/// The commits as Delta Lake and Databricks write them, cut to what matters.
private enum Commit {
    static func info(_ operation: String, _ metrics: String = "") -> String {
        #"{"commitInfo":{"timestamp":1777000000000,"operation":"\#(operation)","operationMetrics":{\#(metrics)}}}"#
    }
    static func add(_ rows: Int?, dataChange: Bool = true) -> String {
        let stats = rows.map { #","stats":"{\"numRecords\":\#($0)}""# } ?? ""
        return #"{"add":{"path":"p","size":1,"modificationTime":1,"dataChange":\#(dataChange)\#(stats)}}"#
    }
    static func remove(dataChange: Bool = true) -> String { #"{"remove":{"path":"p","dataChange":\#(dataChange)}}"# }
    static let metaData = #"{"metaData":{"id":"t","schemaString":"{}","partitionColumns":[]}}"#
    static let create = [info("CREATE TABLE"), metaData].joined(separator: "\n")
    static let write = [info("WRITE", #""numOutputRows":"5""#), add(5)].joined(separator: "\n")
    static let optimize = [info("OPTIMIZE"), add(5, dataChange: false), remove(dataChange: false)]
        .joined(separator: "\n")
}

struct `A commit of a Delta table` {
    @Test(arguments: [
        ("an append", [Commit.info("WRITE"), Commit.add(5)], true),
        ("an append without statistics", [Commit.info("WRITE"), Commit.add(nil)], true),
        ("an append of an empty file", [Commit.info("WRITE"), Commit.add(0)], false),
        ("an overwrite by nothing", [Commit.info("WRITE"), Commit.add(0), Commit.remove()], true),
        ("an overwrite by fewer rows", [Commit.info("WRITE"), Commit.add(1), Commit.remove()], true),
        ("a truncation", [Commit.info("TRUNCATE"), Commit.remove()], true),
        (
            "a compaction",
            [Commit.info("OPTIMIZE"), Commit.add(5, dataChange: false), Commit.remove(dataChange: false)], false
        ),
        ("a compaction by hand", [Commit.info("WRITE"), Commit.add(5, dataChange: false)], false),
        ("a compaction that says it changes data", [Commit.info("OPTIMIZE"), Commit.add(5)], true),
        ("the begin of a vacuum", [Commit.info("VACUUM START", #""numFilesToDelete":"3""#)], false),
        ("the end of a vacuum", [Commit.info("VACUUM END")], false),
        ("properties", [Commit.info("SET TBLPROPERTIES"), Commit.metaData], false),
        ("another column", [Commit.info("ADD COLUMNS"), Commit.metaData], true),
        ("the table's making", [Commit.create], true),
        ("an idle stream", [Commit.info("STREAMING UPDATE"), #"{"txn":{"appId":"a","version":7}}"#], false),
        (
            "a merge without a match that copied rows",
            [
                Commit.info(
                    "MERGE",
                    #""numTargetRowsInserted":"0","numTargetRowsUpdated":"0","numTargetRowsDeleted":"0","#
                        + #""numTargetRowsCopied":"9","numSourceRows":"4""#
                ), Commit.add(9), Commit.remove(),
            ], false
        ),
        (
            "a merge",
            [
                Commit.info(
                    "MERGE",
                    #""numTargetRowsInserted":"0","numTargetRowsUpdated":"1","numTargetRowsDeleted":"0""#
                ), Commit.add(9), Commit.remove(),
            ], true
        ),
        ("a merge without numbers", [Commit.info("MERGE"), Commit.add(9), Commit.remove()], true),
        (
            "a deletion of no row", [Commit.info("DELETE", #""numDeletedRows":"0""#), Commit.add(9), Commit.remove()],
            false
        ),
        ("a deletion of files", [Commit.info("DELETE", #""numRemovedFiles":"1""#), Commit.remove()], true),
        ("an update of no row", [Commit.info("UPDATE", #""numUpdatedRows":"0""#)], false),
        ("a restoration", [Commit.info("RESTORE"), Commit.add(5), Commit.remove()], true),
        ("something that says nothing of itself", [Commit.add(5)], true),
        ("an action without its flag", [Commit.info("WRITE"), #"{"add":{"path":"p"}}"#], true),
        ("a line that is broken", [Commit.info("OPTIMIZE"), "{\"add"], true),
    ])
    func `changes data or not`(what: String, lines: [String], expected: Bool) {
        #expect(DeltaCommit(parsing: Array(lines.joined(separator: "\n").utf8)).changesData == expected, "\(what)")
    }
}

struct `The log of a Delta table` {
    private let folder: String
    private let context: ProbeContext
    private let probe: DeltaLogProbe

    init() throws {
        folder = try temporaryFolder()
        try FileManager.default.createDirectory(atPath: folder + "/t/_delta_log", withIntermediateDirectories: true)
        let surroundings = try surroundings(root: folder)
        let connection = try FileConnection(from: settings(["path": .text(folder)]), in: surroundings)
        context = FreshetConnectorsTests.context(["lake": connection], surroundings)
        probe = try DeltaLogProbe(from: settings(["connection": "lake", "table": "t"]))
    }

    private func path(_ name: String) -> String { "\(folder)/t/_delta_log/\(name)" }

    private func commit(_ version: Int64, _ text: String) throws {
        try Data((text + "\n").utf8).write(to: URL(filePath: path(DeltaLogFile.name(of: version) + ".json")))
    }

    private func checkpoint(_ version: Int64) throws {
        try Data("parquet".utf8).write(to: URL(filePath: path(DeltaLogFile.name(of: version) + ".checkpoint.parquet")))
        let last = #"{"version":\#(version),"size":1}"#
        try Data(last.utf8).write(to: URL(filePath: path("_last_checkpoint")))
    }

    private func cleanUp(below version: Int64) throws {
        for old in 0..<version {
            try? FileManager.default.removeItem(atPath: path(DeltaLogFile.name(of: old) + ".json"))
        }
    }

    private func look(_ cursor: String? = nil) async throws -> (observation: Observation, cursor: String?) {
        try await probe.observe("x", from: cursor, in: context)
    }

    @Test func `shows the last version that changed data`() async throws {
        try commit(0, Commit.create)
        try commit(1, Commit.write)
        let first = try await look()
        try commit(2, Commit.optimize)
        try commit(3, Commit.info("VACUUM START"))
        let tidied = try await look(first.cursor)
        #expect(tidied.observation.version == first.observation.version)
        #expect(tidied.observation.values["delta_version"] == .integer(1))
        #expect(tidied.observation.values["log_version"] == .integer(3))
        #expect(tidied.observation.values["operation"] == .text("WRITE"))
        #expect(try await look().observation.version == first.observation.version)
        try commit(4, Commit.write)
        let changed = try await look(tidied.cursor)
        #expect(changed.observation.version != first.observation.version)
        #expect(changed.observation.strength == .exact)
    }

    @Test func `reads what is new, and not the whole log, when it was read before`() async throws {
        for version in 0..<40 { try commit(Int64(version), version == 0 ? Commit.create : Commit.optimize) }
        let first = try await look()
        try commit(40, Commit.optimize)
        let second = try await look(first.cursor)
        #expect((first.observation.cost?.requests ?? 0) > 40)
        #expect((second.observation.cost?.requests ?? 100) <= 4)
        #expect(second.observation.version == first.observation.version)
    }

    @Test func `is not there without a commit`() async throws {
        #expect(try await look().observation.version == .missing)
    }

    @Test func `goes by its checkpoint, and behind it where nothing after it changed data`() async throws {
        for version in 0...4 { try commit(Int64(version), version == 0 ? Commit.create : Commit.write) }
        let before = try await look()
        try checkpoint(4)
        try commit(5, Commit.optimize)
        #expect(try await look().observation.version == before.observation.version)
    }

    @Test func `keeps its version when the log is cleaned up`() async throws {
        for version in 0...4 { try commit(Int64(version), version == 0 ? Commit.create : Commit.write) }
        try commit(5, Commit.optimize)
        let before = try await look()
        try checkpoint(5)
        try cleanUp(below: 5)
        try commit(6, Commit.optimize)
        let after = try await look(before.cursor)
        #expect(after.observation.version == before.observation.version)
    }

    @Test func `keeps its version over compactions when nothing that changed data is left in the log`() async throws {
        func optimize(_ version: Int) -> String {
            Commit.optimize + "\n" + Commit.info("OPTIMIZE", #""n":"\#(version)""#)
        }
        for version in 0...10 { try commit(Int64(version), version == 0 ? Commit.create : Commit.write) }
        for version in 11...12 { try commit(Int64(version), optimize(version)) }
        try checkpoint(10)
        try cleanUp(below: 11)
        let first = try await look()
        try commit(13, optimize(13))
        let second = try await look(first.cursor)
        try commit(14, optimize(14))
        let third = try await look(second.cursor)
        #expect(first.observation.version != .unknown)
        #expect(second.observation.version == first.observation.version)
        #expect(third.observation.version == first.observation.version)
        // Neither does a look that knows nothing of the others see anything else.
        #expect(try await look().observation.version == first.observation.version)
        try commit(15, Commit.write)
        #expect(try await look(third.cursor).observation.version != first.observation.version)
    }

    @Test func `keeps the version that an older release gave it`() async throws {
        for version in 11...12 { try commit(Int64(version), Commit.optimize) }
        try checkpoint(10)
        let first = try await look()
        let saved = try JSONValue(parsing: #require(first.cursor)).object ?? [:]
        let content = try #require(saved["newest_content"]?.text)
        let old = JSONValue.object(saved.filter { $0.key != "anchor" }).serialized()
        #expect(try await look(old).observation.version == .known(DataVersion("delta_version<=10;\(content)")))
    }

    @Test func `is unknown when it was cleaned up before it was read, and has another version after that`() async throws
    {
        try commit(0, Commit.create)
        let before = try await look()
        for version in 1...8 { try commit(Int64(version), version == 4 ? Commit.write : Commit.optimize) }
        try checkpoint(6)
        try cleanUp(below: 6)
        let unclear = try await look(before.cursor)
        #expect(unclear.observation.version == .unknown)
        #expect(unclear.observation.message?.contains("cleaned up to version 6") == true)
        let after = try await look(unclear.cursor)
        guard case .known = after.observation.version else {
            Issue.record("\(after.observation)")
            return
        }
        #expect(after.observation.version != before.observation.version)
        #expect(try await look(after.cursor).observation.version == after.observation.version)
    }

    @Test func `is unknown when a commit is lost`() async throws {
        try commit(0, Commit.create)
        try commit(2, Commit.optimize)
        let seen = try await look()
        #expect(seen.observation.version == .unknown)
        #expect(seen.observation.message?.contains("lacks version 1") == true)
    }

    @Test func `is another table's when that was made anew in its place`() async throws {
        try commit(0, Commit.create)
        try commit(1, Commit.write)
        let before = try await look()
        try commit(0, Commit.create + "\n" + Commit.add(1))
        try commit(1, Commit.write + "\n" + Commit.add(7))
        let after = try await look(before.cursor)
        #expect(after.observation.version != before.observation.version)
        #expect(after.observation.values["delta_version"] == .integer(1))
        try FileManager.default.removeItem(atPath: path(DeltaLogFile.name(of: 1) + ".json"))
        let shorter = try await look(after.cursor)
        #expect(shorter.observation.values["delta_version"] == .integer(0))
    }

    @Test func `is unknown where a catalog coordinates the commits`() async throws {
        try commit(0, Commit.create)
        try FileManager.default.createDirectory(atPath: path("_staged_commits"), withIntermediateDirectories: true)
        let staged = DeltaLogFile.name(of: 1) + ".uuid.json"
        try Data("{}".utf8).write(to: URL(filePath: path("_staged_commits/" + staged)))
        let seen = try await look()
        #expect(seen.observation.version == .unknown)
        #expect(seen.observation.message?.contains("catalog") == true)
    }

    @Test(arguments: [
        ("00000000000000000010.json", DeltaLogFile.commit(10)),
        ("00000000000000000010.checkpoint.parquet", .checkpoint(10)),
        ("00000000000000000010.checkpoint.0000000001.0000000002.parquet", .checkpoint(10)),
        ("00000000000000000010.checkpoint.uuid.json", .checkpoint(10)), ("00000000000000000010.crc", .other),
        ("00000000000000000000.00000000000000000009.compacted.json", .other), ("_last_checkpoint", .other),
        ("_sidecars/x.parquet", .other), ("00000000000000000010.json.tmp", .other),
    ])
    func `knows its files by their names`(name: String, file: DeltaLogFile) {
        #expect(DeltaLogFile(name: name[...]) == file)
    }
}
