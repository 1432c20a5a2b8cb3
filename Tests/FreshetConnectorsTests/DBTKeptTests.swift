import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import Synchronization
import Testing

@testable import FreshetConnectors

/// A dbt project on this machine: what runs in it, and the source that looks at its folder.
private final class KeptWorld: Sendable {
    let folder: String
    private let source: DBTSource
    private let store: FileConnection
    private let seams: Surroundings
    private let cursor = Mutex<String?>(nil)

    init() throws {
        folder = try temporaryFolder()
        try FileManager.default.createDirectory(atPath: folder + "/dbt/target", withIntermediateDirectories: true)
        seams = try surroundings(root: folder)
        store = try FileConnection(from: settings(["path": "dbt"]), in: seams)
        source = try DBTSource(from: settings(["connection": "artifacts", "project": "retail"]))
    }

    var results: String { folder + "/dbt/target/run_results.json" }
    var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder + "/dbt/target").sorted() }
    }

    /// Writes the results of a command over those of the last.
    func write(_ invocation: String, _ command: String = "build", at minute: Int, _ rows: DBTRow...) throws {
        let text = """
            {"metadata": {"invocation_id": "\(invocation)", "generated_at": "2026-11-20T05:0\(minute):00Z"},
             "args": {"which": "\(command)"}, "results": [\(rows.map(\.json).joined(separator: ","))]}
            """
        try text.write(toFile: results, atomically: false, encoding: .utf8)
    }

    func keep(_ invocation: String?, at now: Timestamp? = nil) async -> String? {
        await DBTLeftBehind.keep(results, of: invocation, now: now ?? SystemClock().now)
    }

    func tick() async throws -> SensorReading {
        let context = ProbeContext(
            connections: Connections(["artifacts": store]),
            surroundings: seams,
            deadline: seams.clock.now + .seconds(60)
        )
        let reading = try await source.tick(SensorContext(cursor: cursor.withLock { $0 }, probe: context))
        cursor.withLock { $0 = reading.cursor }
        return reading
    }

    /// Runs dbt as a step does; `acts` is what the program does.
    func run(_ programs: ScriptedProcesses, named name: String, stop: StopSignal = StopSignal()) async throws
        -> StepOutcome
    {
        var seams = seams
        seams.processes = programs
        let installation = try DBTInstallation(from: settings(["project_dir": "dbt", "program": "bin/dbt"]), in: seams)
        let step = StepContext(
            asset: AssetKey("build/\(name)"),
            run: "r",
            attempt: 1,
            causes: [],
            extent: .whole,
            deadline: nil,
            resuming: nil,
            connections: Connections(["dbt": installation]),
            surroundings: seams,
            operations: NoOperations(),
            stop: stop,
            report: { _ in }
        )
        return await (try DBTRun(from: settings(["connection": "dbt", "select": texts(name)]))).materialize(step)
    }
}

private struct NoOperations: OperationLog {
    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {}
    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] { [] }
}

struct `Runs of dbt that overwrite each other's results` {
    private let world: KeptWorld

    init() throws { world = try KeptWorld() }

    /// Programs that build one model each, under the invocation of the same name.
    private func programs(_ names: String...) -> ScriptedProcesses {
        ScriptedProcesses(
            names.enumerated().map { index, name in
                let line = #"{"info": {"name": "MainReportVersion", "invocation_id": "\#(name)"}, "data": {}}"#
                return ScriptedProcesses.Program(output: [.line(.standardOutput, line)]) { [world] _ in
                    try? world.write(name, at: index, .built("model.retail.\(name)"))
                }
            }
        )
    }

    @Test func `are all seen, in their order`() async throws {
        let programs = programs("a", "b", "c")
        for name in ["a", "b", "c"] { _ = try await world.run(programs, named: name) }
        let reading = try await world.tick()
        for name in ["a", "b", "c"] { #expect(reading[name]?.version == .known(DataVersion(name))) }
        #expect(try await world.tick().message == "no new run")
    }

    @Test func `and none is seen twice`() async throws {
        let programs = programs("a", "b")
        _ = try await world.run(programs, named: "a")
        #expect(try await world.tick()["a"]?.version == .known("a"))
        _ = try await world.run(programs, named: "b")
        let reading = try await world.tick()
        #expect(reading["a"] == nil)
        #expect(reading["b"]?.version == .known("b"))
    }

    @Test func `what a run finds when it begins is kept too, as of a run that nobody kept`() async throws {
        try world.write("killed", at: 0, .built("model.retail.orders"))
        _ = try await world.run(programs("a"), named: "a")
        #expect(
            try world.files == ["run_results.a.json", "run_results.found.killed.json", "run_results.json"]
        )
        let reading = try await world.tick()
        #expect(reading["orders"]?.version == .known("killed"))
        #expect(reading["a"]?.version == .known("a"))
    }

    @Test func `one that was killed before it wrote its results is told by its log`() async throws {
        func event(_ name: String, _ id: String, _ status: String) -> ProcessOutput {
            let node = #"{"unique_id": "model.retail.\#(id)", "node_status": "\#(status)"}"#
            let result = #"{"status": "\#(status)", "message": "", "adapter_response": {}}"#
            let data = #"{"node_info": \#(node), "run_result": \#(result)}"#
            return .line(.standardOutput, #"{"info": {"name": "\#(name)", "invocation_id": "k"}, "data": \#(data)}"#)
        }
        let output = [
            event("NodeStart", "a", "started"), event("NodeFinished", "a", "success"), event("NodeStart", "b", "x"),
        ]
        let killed = ScriptedProcesses.Program(output: output, exit: .success(ProcessExit(.signalled(9))))
        _ = try await world.run(ScriptedProcesses([killed]), named: "a")
        let reading = try await world.tick()
        #expect(reading["a"]?.version == .known("k"))
        #expect(reading["b"]?.health == .failed)
    }

    @Test func `a later failure is the last word`() async throws {
        try world.write("a", at: 0, .built("model.retail.orders"))
        #expect(await world.keep("a") == nil)
        try world.write("b", at: 1, .failed("model.retail.orders"))
        #expect(await world.keep("b") == nil)
        let seen = try #require(try await world.tick()["orders"])
        #expect(seen.version == .known("a"))
        #expect(seen.health == .failed)
    }

    @Test func `copies are removed after a week`() async throws {
        try world.write("a", at: 0, .built("model.retail.orders"))
        _ = await world.keep("a")
        try world.write("b", at: 1, .built("model.retail.orders"))
        _ = await world.keep("b", at: SystemClock().now + .seconds(8 * 24 * 3600))
        #expect(try world.files == ["run_results.json"])
    }

    @Test func `tests of dbt.run hide no run, and those of others may`() async throws {
        try world.write("a", at: 0, .built("model.retail.orders"))
        #expect(await world.keep("a") == nil)
        _ = try await world.tick()
        try world.write("own", "test", at: 1)
        #expect(await world.keep("own") == nil)
        #expect(try await world.tick()["orders"] == nil)
        try world.write("others", "test", at: 2)
        #expect(try await world.tick()["orders"]?.message?.contains("a run may have been missed") == true)
    }

    @Test(arguments: ["{", #"{"metadata": {"invocation_id": "../x"}, "results": []}"#])
    func `what cannot be kept is told`(_ text: String) async throws {
        try text.write(toFile: world.results, atomically: false, encoding: .utf8)
        #expect(await world.keep("a") != nil)
    }

    @Test func `never run side by side in one folder`() async throws {
        let atWork = AtWork()
        let release = StopSignal()
        await withTaskGroup(of: Void.self) { group in
            for folder in [world.folder, world.folder + "/", world.folder + "/dbt/.."] {
                group.addTask {
                    let turn = await DBTTurns.ofProcess.begin(folder, stop: StopSignal()) { release.raise(.cancelled) }
                    atWork.add(1)
                    await release.raised()
                    atWork.add(-1)
                    if let turn { DBTTurns.ofProcess.end(turn) }
                }
            }
        }
        #expect(atWork.most == 1)
    }

    @Test func `one that waits can be stopped, and lets the others go on`() async throws {
        let turns = DBTTurns()
        let first = try #require(await turns.begin("/nowhere/x", stop: StopSignal()) {})
        let stop = StopSignal()
        let second = await turns.begin("/nowhere/x", stop: stop) { stop.raise(.cancelled) }
        #expect(second == nil)
        turns.end(first)
        let third = await turns.begin("/nowhere/x", stop: StopSignal()) { Issue.record("there is nobody") }
        #expect(third != nil)
    }
}

/// How many are at work, and how many were at once.
private final class AtWork: Sendable {
    private let counts = Mutex((now: 0, most: 0))

    var most: Int { counts.withLock { $0.most } }

    func add(_ count: Int) {
        counts.withLock { counts in
            counts.now += count
            counts.most = max(counts.most, counts.now)
        }
    }
}
