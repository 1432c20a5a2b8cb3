import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import Synchronization
import Testing

@testable import FreshetConnectors

private let start = Timestamp(milliseconds: 0)

/// A line as dbt writes it.
private func event(_ name: String, level: String = "debug", _ message: String = "", data: String = "{}") -> String {
    """
    {"data": \(data), "info": {"name": "\(name)", "level": "\(level)", "msg": "\(message)", "invocation_id": "run-1",
     "ts": "2026-11-20T05:00:00.123456Z"}}
    """.replacingOccurrences(of: "\n", with: "")
}

private func node(_ id: String, _ status: String, materialized: String = "table") -> String {
    """
    "node_info": {"unique_id": "\(id)", "node_status": "\(status)", "materialized": "\(materialized)",
      "node_started_at": "2026-11-20T05:00:00.000001", "node_finished_at": "2026-11-20T05:00:01"}
    """
}

private func started(_ id: String) -> String { event("NodeStart", data: "{\(node(id, "started"))}") }

private func finished(_ id: String, _ status: String, _ message: String = "", rows: String = "null") -> String {
    let result = #"{"status": "\#(status)", "message": "\#(message)", "adapter_response": {"rows_affected": \#(rows)}}"#
    return event("NodeFinished", data: "{\(node(id, status)), \"run_result\": \(result)}")
}

struct `The log of dbt is followed` {
    private func progress(_ lines: String...) -> DBTProgress {
        var progress = DBTProgress(redactor: Redactor())
        for line in lines { _ = progress.read(line, at: start) }
        return progress
    }

    @Test func `each node is a sub-step from its start to its end`() throws {
        var progress = DBTProgress(redactor: Redactor())
        let begun = progress.read(started("model.shop.orders"), at: start).subSteps
        #expect(begun.map(\.status) == [.running])
        #expect(begun.first?.startedAt?.iso8601 == "2026-11-20T05:00:00Z")
        let ended = progress.read(finished("model.shop.orders", "success", "SELECT 3", rows: "3.0"), at: start).subSteps
        #expect(ended.map(\.status) == [.succeeded])
        #expect(ended.first?.message == "SELECT 3")
        #expect(ended.first?.details["rows_affected"] == .integer(3))
        #expect(ended.first?.endedAt?.iso8601 == "2026-11-20T05:00:01Z")
    }

    @Test(arguments: [
        ("success", "SELECT 1", SubStepStatus.succeeded), ("pass", "", .succeeded), ("warn", "Got 1", .succeeded),
        ("success", "NO-OP", .unchanged), ("success", "NO-OP (within tolerance)", .unchanged),
        ("no-op", "", .unchanged),
        ("reused", "", .unchanged), ("skipped", "", .skipped), ("error", "", .failed), ("fail", "", .failed),
        ("partial success", "", .failed), ("runtime error", "", .failed), ("teleported", "", .failed),
    ])
    func `every word has its state`(_ status: String, _ message: String, _ wanted: SubStepStatus) {
        let progress = progress(started("model.a.b"), finished("model.a.b", status, message))
        #expect(progress.steps.map(\.status) == [wanted])
    }

    @Test func `at the level info, where a node's end comes only as a line for people`() {
        let progress = progress(
            event("LogStartLine", level: "info", data: "{\(node("model.a.b", "started"))}"),
            event(
                "LogModelResult",
                level: "info",
                data: "{\(node("model.a.b", "success")), \"status\": \"CREATE VIEW\"}"
            )
        )
        #expect(progress.steps.map(\.status) == [.succeeded])
        #expect(progress.steps.first?.message == "CREATE VIEW")
    }

    @Test func `what is no JSON is kept for people, and an error among it is remembered`() {
        var progress = DBTProgress(redactor: Redactor())
        #expect(progress.read("", at: start).line == nil)
        #expect(progress.read("{broken", at: start).line?.message == "{broken")
        #expect(progress.read("snowflake.connector: a warning", at: start).line?.level == .info)
        #expect(progress.read("Usage: dbt build [OPTIONS]", at: start).line?.level == .error)
        #expect(progress.complaint == "Usage: dbt build [OPTIONS]")
        #expect(progress.steps.isEmpty)
    }

    @Test func `no secret gets through`() {
        let redactor = Redactor()
        redactor.learn("hunter22")
        var progress = DBTProgress(redactor: redactor)
        #expect(
            progress.read(event("X", level: "info", "login hunter22"), at: start).line?.message == "login [redacted]"
        )
        #expect(progress.read("login hunter22", at: start).line?.message == "login [redacted]")
        let ended = progress.read(finished("model.a.b", "error", "login hunter22"), at: start).subSteps
        #expect(ended.first?.message == "login [redacted]")
    }

    @Test func `a test is a check`() {
        let progress = progress(
            finished("test.a.unique_b.123", "fail", "Got 2 results"),
            finished("test.a.c", "warn", "Got 1 result"),
            finished("test.a.d", "pass")
        )
        #expect(progress.checks.values.map(\.name).sorted() == ["c", "d", "unique_b"])
        #expect(progress.checks["test.a.unique_b.123"]?.isPassed == false)
        #expect(progress.checks["test.a.unique_b.123"]?.severity == .error)
        #expect(progress.checks["test.a.c"]?.severity == .warn)
        #expect(progress.checks["test.a.d"]?.isPassed == true)
    }
}

@Suite(.enabled(if: fixtures != nil))
struct `Recorded logs of dbt` {
    /// Name, nodes that ended well, that failed and that were skipped, whether the run went well.
    @Test(
        arguments: [
            ("postgres/build_command/logs/build_logs.jsonl", false), ("postgres/run/logs/failed_run_logs.jsonl", false),
            ("postgres/run/logs/successful_run_logs.jsonl", true), ("postgres/seed/logs/seed_logs.jsonl", true),
            ("postgres/snapshot/logs/snapshot_logs.jsonl", true), ("postgres/test/logs/test_logs.jsonl", false),
            ("postgres/test_source/logs/test_source_logs.jsonl", true),
            ("snowflake/run/logs/failed_run_logs.jsonl", false),
            ("snowflake/run/logs/successful_run_logs.jsonl", true), ("snowflake/seed/logs/seed_logs.jsonl", true),
            ("snowflake/snapshot/logs/snapshot_logs.jsonl", true),
            ("bigquery/run/logs/successful_run_logs.jsonl", true),
            ("duckdb/test_singular_tests/logs/singular_test_logs.jsonl", nil),
        ] as [(String, Bool?)]
    )
    func `are followed to their end`(_ path: String, _ isSuccess: Bool?) throws {
        let file = try #require(fixtures) + "/dbt/openlineage/structured_logs/" + path
        var progress = DBTProgress(redactor: Redactor())
        var states: [String: [SubStepStatus]] = [:]
        var finished: [String: String] = [:]
        for line in try String(contentsOfFile: file, encoding: .utf8).split(whereSeparator: \.isNewline) {
            for step in progress.read(String(line), at: start).subSteps {
                states[step.name, default: []].append(step.status)
            }
            // What a plain reader finds in the same lines.
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard (object?["info"] as? [String: Any])?["name"] as? String == "NodeFinished" else { continue }
            let data = object?["data"] as? [String: Any]
            let info = data?["node_info"] as? [String: Any]
            let result = data?["run_result"] as? [String: Any]
            finished[info?["unique_id"] as? String ?? ""] = result?["status"] as? String
        }
        #expect(progress.isSuccess == isSuccess ?? progress.isSuccess, "\(path)")
        #expect(progress.invocationID != nil)
        #expect(!progress.steps.isEmpty)
        for (id, status) in finished {
            #expect(progress.subSteps[id]?.status == DBTProgress.status(status, message: nil), "\(id)")
        }
        // Each begins before it ends, and ends once.
        for (id, sequence) in states {
            #expect(sequence.filter { $0 != .running }.count <= 1, "\(id) \(sequence)")
            #expect(sequence.last != .running || progress.isSuccess == nil, "\(id) \(sequence)")
        }
    }
}

/// One attempt of `dbt.run` with a scripted dbt.
private final class RunWorld: Sendable {
    let folder: String
    private let seen = Mutex<(steps: [SubStep], lines: [LogLine])>(([], []))
    let stop = StopSignal()
    let processes: ScriptedProcesses

    init(
        _ lines: [String],
        _ exit: ProcessExit = ProcessExit(.exited(0)),
        hangs: Bool = false,
        leaves results: String? = nil
    ) throws {
        let folder = try temporaryFolder()
        try FileManager.default.createDirectory(atPath: folder + "/dbt/target", withIntermediateDirectories: true)
        if let results {
            try results.write(toFile: folder + "/dbt/target/run_results.json", atomically: true, encoding: .utf8)
        }
        self.folder = folder
        let output = lines.map { ProcessOutput.line(.standardOutput, $0) }
        processes = ScriptedProcesses([ScriptedProcesses.Program(output: output, exit: .success(exit), hangs: hangs)])
    }

    var steps: [SubStep] { seen.withLock { $0.steps } }

    func run(_ fields: KeyValuePairs<String, ConfigValue.Content> = [:]) async throws -> StepOutcome {
        var seams = try surroundings(root: folder, variables: ["PASSWORD": "hunter22"])
        seams.processes = processes
        let variables = ConfigValue.Content.object([
            ConfigValue.Entry(
                key: "DBT_PASSWORD",
                keyOrigin: Origin(file: "x"),
                value: ConfigValue(.text("${secret:env/PASSWORD}"), at: Origin(file: "x"))
            )
        ])
        let installation = try DBTInstallation(
            from: settings(["project_dir": "dbt", "program": "bin/dbt", "target": "prod", "environment": variables]),
            in: seams
        )
        let origin = Origin(file: "test.yaml")
        let stated = [ConfigValue.Entry(key: "connection", keyOrigin: origin, value: .init(.text("dbt"), at: origin))]
        let entries = stated + settings(fields).value.entries
        let kind = try DBTRun(from: Settings(ConfigValue(.object(entries), at: origin)))
        let step = StepContext(
            asset: "build/shop",
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
            report: { _ in },
            progress: { step in self.seen.withLock { $0.steps.append(step) } },
            log: { line in self.seen.withLock { $0.lines.append(line) } }
        )
        return await kind.materialize(step)
    }
}

private struct NoOperations: OperationLog {
    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {}
    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] { [] }
}

struct `A run of dbt` {
    private func failure(_ outcome: StepOutcome) -> StepFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }

    private func success(_ outcome: StepOutcome) -> StepSuccess? {
        if case .succeeded(let success) = outcome { success } else { nil }
    }

    @Test func `is asked for in dbt's own words, with no environment but the stated`() async throws {
        let world = try RunWorld([])
        _ = try await world.run([
            "command": "run", "select": texts("tag:a", "+b"), "exclude": "c", "full_refresh": true,
        ])
        let command = try #require(world.processes.commands.first)
        let dbt = world.folder + "/dbt"
        #expect(
            command.arguments == [
                world.folder + "/bin/dbt", "--log-format", "json", "--log-level", "debug", "--no-use-colors", "run",
                "--project-dir", dbt, "--target", "prod", "--select", "tag:a", "+b", "--exclude", "c", "--full-refresh",
            ]
        )
        #expect(command.workingDirectory == dbt)
        #expect(command.environment["DBT_PASSWORD"] == "hunter22")
        #expect(
            command.environment.keys.sorted() == [
                "DBT_PASSWORD", "DBT_SEND_ANONYMOUS_USAGE_STATS", "HOME", "LANG", "PATH", "PYTHONUNBUFFERED",
            ]
        )
        #expect(command.interrupts)
    }

    @Test func `its artifacts are sent where they are looked for`() async throws {
        func variables(_ value: String) -> ConfigValue.Content {
            let origin = Origin(file: "x")
            let entry = ConfigValue.Entry(
                key: "DBT_TARGET_PATH",
                keyOrigin: origin,
                value: .init(.text(value), at: origin)
            )
            return .object([entry])
        }
        let seams = try surroundings(root: "/nowhere")
        let stated = try DBTInstallation(from: settings(["project_dir": "dbt", "target_path": "out"]), in: seams)
        #expect(try await stated.resolved().environment["DBT_TARGET_PATH"] == "out")
        #expect(try await stated.resolved().resultsFile == "/nowhere/dbt/out/run_results.json")
        #expect(throws: Diagnostic.self) {
            try DBTInstallation(from: settings(["project_dir": "dbt", "environment": variables("out")]), in: seams)
        }
    }

    @Test func `an option cannot pass for a node`() async throws {
        await #expect(throws: Diagnostic.self) { try await RunWorld([]).run(["select": texts("--profiles-dir")]) }
    }

    @Test func `that ends with 0 has succeeded, with each node a sub-step and each test a check`() async throws {
        let world = try RunWorld([
            started("model.a.b"), finished("model.a.b", "success", "SELECT 3"), finished("test.a.t.1", "warn", "Got 1"),
        ])
        let success = try #require(success(try await world.run()))
        #expect(world.steps.map(\.status) == [.running, .succeeded, .succeeded])
        #expect(success.nonce == "run-1")
        #expect(success.checks.map(\.severity) == [.warn])
        #expect(success.details["succeeded"] == .integer(2))
    }

    @Test func `in which nothing was built has nothing new to tell`() async throws {
        let world = try RunWorld([finished("model.a.b", "success", "NO-OP"), finished("test.a.t", "pass")])
        #expect(success(try await world.run())?.nonce == nil)
    }

    @Test func `that ends with 1 has failed, and says at what`() async throws {
        let message = "Database Error in model b (models/b.sql)\\n  division by zero"
        let world = try RunWorld(
            [finished("model.a.b", "error", message), finished("model.a.c", "skipped")],
            ProcessExit(.exited(1))
        )
        let failure = try #require(failure(try await world.run()))
        #expect(failure.code == .remoteFailed)
        #expect(failure.retry == .later)
        #expect(failure.message == "b: Database Error in model b (models/b.sql): division by zero")
    }

    @Test func `in which only tests failed is a check that failed`() async throws {
        let world = try RunWorld(
            [finished("model.a.b", "success"), finished("test.a.unique_b.1", "fail", "Got 2 results")],
            ProcessExit(.exited(1))
        )
        let failure = try #require(failure(try await world.run()))
        #expect(failure.code == .checkFailed)
        #expect(failure.message == "unique_b: Got 2 results")
        #expect(failure.checks.map(\.isPassed) == [false])
    }

    @Test func `that ends with 2 could not run, and the results of the run before are not taken for its own`()
        async throws
    {
        let old = """
            {"metadata": {"invocation_id": "run-0"}, "args": {"which": "build"},
             "results": [{"unique_id": "model.a.old", "status": "error", "message": "of yesterday"}]}
            """
        let error = event(
            "MainEncounteredError",
            level: "error",
            "Encountered an error:\\nCompilation Error\\n  no such ref"
        )
        let world = try RunWorld([error, "Traceback (most recent call last):"], ProcessExit(.exited(2)), leaves: old)
        let failure = try #require(failure(try await world.run()))
        #expect(failure.message.hasPrefix("dbt could not run: Compilation Error: no such ref"))
        #expect(!failure.message.contains("yesterday"))
    }

    @Test func `that was mistyped is for a person`() async throws {
        let world = try RunWorld(["Usage: dbt [OPTIONS]", "Error: no such option"], ProcessExit(.exited(2)))
        #expect(failure(try await world.run())?.retry == .never)
    }

    @Test func `whose results are its own is told by them`() async throws {
        let own = """
            {"metadata": {"invocation_id": "run-1"}, "args": {"which": "build"},
             "results": [{"unique_id": "model.a.b", "status": "error", "message": "division by zero"}]}
            """
        let world = try RunWorld([event("MainReportVersion")], ProcessExit(.exited(1)), leaves: own)
        #expect(failure(try await world.run())?.message == "b: division by zero")
    }

    @Test func `that a signal ended has failed`() async throws {
        let failure = failure(try await RunWorld([], ProcessExit(.signalled(9))).run())
        #expect(failure?.message == "dbt was ended by signal 9")
    }

    @Test(arguments: [(StopReason.cancelled, "cancelled"), (.deadline, "timed_out")])
    func `is stopped when that is asked for`(_ reason: StopReason, _ wanted: String) async throws {
        let world = try RunWorld([started("model.a.b")], hangs: true)
        world.stop.raise(reason)
        switch try await world.run() {
        case .cancelled(let cancellation):
            #expect(wanted == "cancelled")
            #expect(cancellation.isRemoteStopped)
        case .failed(let failure): #expect(failure.code.rawValue == wanted)
        default: Issue.record("neither")
        }
    }

    @Test func `of a program that is not there is for a person`() async throws {
        let world = try RunWorld([])
        _ = try await world.run()
        #expect(failure(try await world.run())?.code == .configuration)
    }
}
