import FreshetCore
import FreshetEmulator
import FreshetKit
import Synchronization
import Testing

@testable import FreshetConnectors

/// Jobs through real sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `A job of Databricks` {
    @Test func `is run once and watched to its end, each task a part of the step`() async throws {
        try await Workspace.run { workspace in
            let outcome = try await workspace.runJob(["parameters": ["day": "2026-05-04"]])
            #expect(outcome.word == "succeeded")
            #expect(outcome.success?.nonce == "1001")
            #expect(workspace.log.course == "prepared accepted completed")
            let ended = workspace.parts.withLock { $0.filter { $0.status == .succeeded }.map(\.name) }
            #expect(Set(ended) == ["extract", "transform"])
            #expect(try await workspace.runs() == 1)
        }
    }

    @Test(arguments: [
        ("FAILED", "failed remote_failed later"), ("TIMEDOUT", "failed remote_timed_out later"),
        ("CANCELED", "failed remote_cancelled later"), ("MAXIMUM_CONCURRENT_RUNS_REACHED", "failed throttled later"),
        ("EXCLUDED", "failed remote_disabled never"), ("DISABLED", "failed remote_disabled never"),
        ("SUCCESS_WITH_FAILURES", "failed remote_failed later"), ("UPSTREAM_FAILED", "failed remote_failed later"),
        ("UPSTREAM_CANCELED", "failed remote_cancelled later"), ("INTERNAL_ERROR", "failed remote_failed later"),
        ("SKIPPED", "failed throttled later"), ("SOMETHING_NEW", "failed remote_failed later"),
    ])
    func `ends as its run does`(end: String, word: String) async throws {
        try await Workspace.run { workspace in
            try await workspace.fault("databricks_run_now", ["end": .text(end)])
            #expect(try await workspace.runJob().word == word)
            #expect(try await workspace.runs() == 1)
        }
    }

    @Test(arguments: [("fail", "failed remote_failed later", 0), ("warn", "succeeded", 1), ("succeed", "succeeded", 0)])
    func `that succeeded with failures counts as the asset says`(policy: String, word: String, checks: Int) async throws
    {
        try await Workspace.run { workspace in
            try await workspace.fault("databricks_run_now", ["end": "SUCCESS_WITH_FAILURES"])
            let outcome = try await workspace.runJob(["on_success_with_failures": .text(policy)])
            #expect(outcome.word == word)
            #expect(outcome.success?.checks.count ?? 0 == checks)
        }
    }

    @Test func `says what its task said, and that only a person can mend it`() async throws {
        try await Workspace.run { workspace in
            let error: JSONValue = [
                "code": "UNAUTHORIZED_ERROR", "message": "short", "description": "No leave to read orders",
            ]
            try await workspace.fault("databricks_run_now", ["end": "FAILED", "error": error])
            let outcome = try await workspace.runJob()
            #expect(outcome.word == "failed credentials never")
            #expect(outcome.failure?.message == "task transform: No leave to read orders")
        }
    }

    @Test(
        arguments: [
            ["status": 500], ["status": 503, "effect": true], ["drop": "before"], ["drop": "after"],
            ["status": 200, "effect": true, "body": "<html>"], ["html": true, "effect": true],
            ["status": 429, "headers": ["Retry-After": "0"]],
        ] as [JSONValue]
    )
    func `is begun once, whatever becomes of the answer`(fault: JSONValue) async throws {
        try await Workspace.run { workspace in
            try await workspace.fault("databricks_run_now", fault)
            #expect(try await workspace.runJob().word == "succeeded")
            #expect(try await workspace.runs() == 1)
            #expect(try await workspace.count("databricks_run_now") == 2)
        }
    }

    @Test func `is put off when the workspace asks for a long wait`() async throws {
        try await Workspace.run { workspace in
            try await workspace.fault("databricks_run_now", ["status": 429, "headers": ["Retry-After": "600"]])
            let outcome = try await workspace.runJob()
            #expect(outcome.word == "failed throttled later")
            #expect(outcome.failure?.notBefore != nil)
            #expect(try await workspace.runs() == 0)
        }
    }

    @Test(
        arguments: [
            ["status": 500], ["status": 503], ["drop": "after"], ["html": true], ["truncate": true],
            ["status": 429, "headers": ["Retry-After": "0"]], ["tokens": "expire"],
        ] as [JSONValue]
    )
    func `is watched on, whatever becomes of a look`(fault: JSONValue) async throws {
        try await Workspace.run { workspace in
            try await workspace.fault("databricks_run_get", fault, times: 2)
            let connection = try workspace.principal()
            #expect(try await workspace.job().materialize(workspace.step(connection)).word == "succeeded")
            #expect(try await workspace.runs() == 1)
        }
    }

    @Test func `that is slow in beginning is waited for`() async throws {
        try await Workspace.run { workspace in
            let stages: JSONValue = [
                ["for": .number(0.1), "status": "QUEUED"], ["for": .number(0.1), "status": "PENDING"],
                ["for": .number(0.1), "status": "NEW_WORD"],
                ["status": "TERMINATED", "extended": "SUCCESS"],
            ]
            try await workspace.fault("databricks_run_now", ["sequence": stages])
            #expect(try await workspace.runJob().word == "succeeded")
        }
    }

    @Test func `whose run is forgotten is lost`() async throws {
        try await Workspace.run { workspace in
            try await workspace.fault("databricks_run_now", ["lose": true])
            #expect(try await workspace.runJob().word == "failed lost_remote later")
            #expect(workspace.log.course == "prepared accepted lost")
        }
    }

    @Test func `that is not there is a mistake of the definition`() async throws {
        try await Workspace.run { workspace in
            let misspelt = try await workspace.runJob(["job": "Nightly lod"])
            #expect(misspelt.word == "failed configuration never")
            let unknown = try await workspace.runJob(["job": "42"])
            #expect(unknown.word == "failed configuration never")
            #expect(workspace.log.course == "")
        }
    }

    @Test func `is cancelled at its deadline`() async throws {
        try await Workspace.run { workspace in
            try await workspace.fault("databricks_run_now", ["duration": 60])
            let outcome = try await workspace.runJob(timeout: .milliseconds(300))
            #expect(outcome.word == "failed timed_out later")
            #expect(try await workspace.count("databricks_run_cancel") == 1)
        }
    }

    @Test func `is cancelled on request`() async throws {
        try await Workspace.run { workspace in
            try await workspace.fault("databricks_run_now", ["duration": 60])
            let step = workspace.step(try workspace.connection())
            let job = try workspace.job()
            async let outcome = job.materialize(step)
            while try await workspace.runs() == 0 { await Task.yield() }
            workspace.stop.raise(.cancelled)
            #expect(await outcome.word == "cancelled")
            #expect(workspace.log.entries.withLock { $0.last?.cancelRequestedAt } != nil)
        }
    }

    @Test(arguments: ["prepared", "ambiguous", "accepted"])
    func `is taken up by the next process, and not begun twice`(state: String) async throws {
        try await Workspace.run { workspace in
            try await workspace.fault("databricks_run_now", ["duration": .number(0.3)])
            let connection = try workspace.connection()
            let job = try workspace.job()
            // The process is killed while the run goes on.
            let first = Task { [step = workspace.step(connection, stop: StopSignal())] in await job.materialize(step) }
            while !workspace.log.course.contains("accepted") { await Task.yield() }
            first.cancel()
            #expect(await first.value == .left)
            var found = try #require(workspace.log.entries.withLock { $0.last })
            // What the store holds depends on the moment of the kill.
            found.state = try #require(RemoteOperation.State(rawValue: state))
            if state != "accepted" { found.requestID = nil }
            let outcome = await job.materialize(workspace.step(connection, resuming: found))
            #expect(outcome.word == "succeeded")
            #expect(try await workspace.runs() == 1)
        }
    }

    @Test func `is another run at another attempt`() async throws {
        try await Workspace.run { workspace in
            let connection = try workspace.connection()
            for attempt in 1...2 {
                #expect(
                    try await workspace.job().materialize(workspace.step(connection, attempt: attempt)).word
                        == "succeeded"
                )
            }
            #expect(try await workspace.runs() == 2)
        }
    }
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct `A job that somebody else runs` {
    private func observe(_ workspace: Workspace, _ fields: [String: JSONValue] = [:]) async throws -> Observation {
        let usual: [String: JSONValue] = ["connection": "lakehouse", "job": .text(Workspace.job)]
        let probe = try DatabricksJobRunProbe(from: settings(.object(usual.merging(fields) { _, given in given })))
        return try await probe.observe("x", in: workspace.context(workspace.connection()))
    }

    private func inject(_ workspace: Workspace, _ run: JSONValue) async throws {
        try await workspace.control("databricks/jobs/582764910384756", ["inject": run])
    }

    @Test func `has the version of its newest run that succeeded`() async throws {
        try await Workspace.run { workspace in
            #expect(try await observe(workspace).version == .missing)
            try await inject(workspace, ["started_ago": 100, "duration": 10])
            #expect(try await observe(workspace).values["run_id"] == .text("1001"))
            try await inject(workspace, ["started_ago": 5, "duration": 600])
            #expect(try await observe(workspace).values["run_id"] == .text("1001"))
            try await inject(workspace, ["started_ago": 50, "duration": 10])
            let observation = try await observe(workspace)
            #expect(observation.values["run_id"] == .text("1003"))
            #expect(observation.health == .ok)
            #expect(observation.source == "lakehouse")
        }
    }

    @Test func `is failed when its newest run failed, and keeps its version`() async throws {
        try await Workspace.run { workspace in
            try await inject(workspace, ["started_ago": 100, "duration": 10])
            try await inject(
                workspace,
                ["started_ago": 50, "duration": 10, "end": "FAILED", "error": ["message": "boom"]]
            )
            let observation = try await observe(workspace)
            #expect(observation.values["run_id"] == .text("1001"))
            #expect(observation.health == .failed)
            #expect(observation.message?.contains("boom") == true)
            try await inject(workspace, ["started_ago": 20, "duration": 10, "end": "SKIPPED"])
            #expect(try await observe(workspace).health == .failed)
            try await inject(workspace, ["started_ago": 15, "duration": 10, "end": "SUCCESS_WITH_FAILURES"])
            #expect(try await observe(workspace, ["on_success_with_failures": "warn"]).health == .ok)
        }
    }

    @Test func `is looked for behind runs that began after it and ended before`() async throws {
        try await Workspace.run { workspace in
            try await inject(workspace, ["started_ago": 5000, "duration": 4990])
            for number in 0..<30 {
                try await inject(workspace, ["started_ago": .integer(Int64(4000 - number)), "duration": 10])
            }
            #expect(try await observe(workspace).values["run_id"] == .text("1001"))
        }
    }
}
