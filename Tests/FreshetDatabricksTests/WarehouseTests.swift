import FreshetCore
import FreshetEmulator
import FreshetKit
import Synchronization
import Testing

@testable import FreshetConnectors

/// Tables through the statement interface, and real sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `A table of Databricks` {
    private static let table = "main.retail.fct_sales"

    private func fill(_ workspace: Workspace) async throws {
        try await workspace.control(
            "databricks/tables/\(Self.table)",
            [
                "columns": ["id", "updated_at", "amount"],
                "rows": [[1, "2026-05-04T05:58:00Z", .number(1.5)], [2, "2026-05-03T00:00:00Z", .number(2.25)]],
                "history": [["operation": "CREATE TABLE AS SELECT", "metrics": ["numOutputRows": "2"]]],
            ]
        )
    }

    private func probe(_ fields: [String: JSONValue] = [:]) throws -> SQLTableProbe {
        let usual: [String: JSONValue] = ["connection": "lakehouse", "table": .text(Self.table)]
        return try SQLTableProbe(from: settings(.object(usual.merging(fields) { _, given in given })))
    }

    private func observe(
        _ workspace: Workspace,
        _ fields: [String: JSONValue] = [:],
        through connection: DatabricksConnection? = nil,
        after previous: Observation? = nil
    ) async throws -> Observation {
        let connection = try connection ?? workspace.connection()
        return try await probe(fields).observe("x", in: workspace.context(connection, after: previous))
    }

    private func version(_ workspace: Workspace, _ entry: JSONValue) async throws {
        try await workspace.control("databricks/tables/\(Self.table)", ["history": [entry]])
    }

    @Test func `is read in figures, in as many chunks as the answer has`() async throws {
        try await Workspace.run { workspace in
            try await fill(workspace)
            let observation = try await observe(
                workspace,
                ["change": ["row_count", "max(updated_at)", "sum(amount)"], "data_time": "max(updated_at)"]
            )
            #expect(
                observation.version.figures
                    == .known("row_count=2;max(updated_at)=2026-05-04T05:58:00Z;sum(amount)=3.75")
            )
            #expect(observation.dataTime == Timestamp(milliseconds: 1_777_874_280_000))
            try await workspace.control("databricks", ["chunk_rows": 1])
            let query = try SQLQueryProbe(
                from: settings(["connection": "lakehouse", "query": .text("SELECT id FROM \(Self.table)")])
            )
            let rows = try await query.observe("x", in: workspace.context(workspace.connection()))
            #expect(rows.values["rows"] == .integer(2))
        }
    }

    @Test func `keeps its version through maintenance and writes that found nothing to write`() async throws {
        try await Workspace.run { workspace in
            try await fill(workspace)
            let first = try await observe(workspace, ["change": "table_version"])
            for entry in [
                ["operation": "OPTIMIZE", "metrics": ["numAddedFiles": "1", "numRemovedFiles": "9"]],
                ["operation": "VACUUM END"], ["operation": "SET TBLPROPERTIES"],
                [
                    "operation": "MERGE",
                    "metrics": ["numTargetRowsUpdated": "0", "numSourceRows": "7", "executionTimeMs": "12"],
                ],
            ] as [JSONValue] {
                try await version(workspace, entry)
                let next = try await observe(workspace, ["change": "table_version"], after: first)
                #expect(next.version == first.version)
                #expect(next.strength == .exact)
            }
            try await version(workspace, ["operation": "MERGE", "metrics": ["numTargetRowsUpdated": "1"]])
            #expect(try await observe(workspace, ["change": "table_version"], after: first).version != first.version)
        }
    }

    @Test func `keeps its version when only maintenance is left in its history`() async throws {
        try await Workspace.run { workspace in
            try await fill(workspace)
            try await version(workspace, ["operation": "OPTIMIZE"])
            let first = try await observe(workspace, ["change": "table_version"])
            try await workspace.control("databricks/tables/\(Self.table)", ["forget_history": true])
            #expect(try await observe(workspace, ["change": "table_version"], after: first).version == first.version)
            #expect(try await observe(workspace, ["change": "table_version"]).version != first.version)
        }
    }

    @Test func `that is not there is missing, and a misspelt column is told`() async throws {
        try await Workspace.run { workspace in
            try await fill(workspace)
            #expect(try await observe(workspace, ["table": "main.retail.nothing"]).version == .missing)
            await #expect(throws: SQLError.noColumn("updatd_at", nearest: "updated_at")) {
                try await observe(workspace, ["change": "max(updatd_at)"])
            }
        }
    }

    @Test func `is read in one statement with what is asked at the same time`() async throws {
        try await Workspace.run { workspace in
            try await fill(workspace)
            let connection = try workspace.connection()
            async let one = observe(workspace, ["change": ["row_count", "max(updated_at)"]], through: connection)
            async let two = observe(workspace, ["change": "table_version"], through: connection)
            async let three = observe(workspace, ["change": "sum(amount)"], through: connection)
            let all = try await [one, two, three]
            #expect(all.allSatisfy { if case .known = $0.version { true } else { false } })
            #expect(try await workspace.count("databricks_statement_post") == 1)
        }
    }

    @Test func `does not suffer from what is wrong with another one in the same statement`() async throws {
        try await Workspace.run { workspace in
            try await fill(workspace)
            let connection = try workspace.connection()
            for _ in 1...2 {
                async let good = observe(workspace, through: connection)
                async let other = observe(workspace, ["change": "sum(amount)"], through: connection)
                async let missing = observe(workspace, ["table": "main.retail.nothing"], through: connection)
                #expect(try await good.version.figures == .known("row_count=2"))
                #expect(try await other.version.figures == .known("sum(amount)=3.75"))
                #expect(try await missing.version == .missing)
            }
            // Four at the first time; then the two good ones together, and the other by itself.
            #expect(try await workspace.count("databricks_statement_post") == 6)
        }
    }

    @Test func `is waited for while the warehouse starts`() async throws {
        try await Workspace.run { workspace in
            try await fill(workspace)
            try await workspace.control(
                "databricks",
                ["stopped": true, "start_duration": .number(0.5), "statement_duration": .number(0.2)]
            )
            #expect(try await observe(workspace).version.figures == .known("row_count=2"))
            #expect(try await workspace.count("databricks_statement_get") >= 1)
        }
    }

    @Test func `that takes too long is cancelled`() async throws {
        try await Workspace.run { workspace in
            try await fill(workspace)
            try await workspace.control("databricks", ["statement_duration": 60])
            await #expect(throws: SQLError.timedOut(after: .milliseconds(500))) {
                try await observe(workspace, ["timeout": "500ms"])
            }
            #expect(try await workspace.count("databricks_statement_cancel") == 1)
        }
    }

    @Test(
        arguments: [
            ["status": 429, "headers": ["Retry-After": "0"]], ["status": 503], ["drop": "before"], ["drop": "after"],
            ["html": true], ["tokens": "expire"], ["tokens": "revoke"],
        ] as [JSONValue]
    )
    func `is read all the same after`(fault: JSONValue) async throws {
        try await Workspace.run { workspace in
            try await fill(workspace)
            try await workspace.fault("databricks_statement_post", fault)
            let connection = try workspace.principal()
            #expect(try await observe(workspace, through: connection).version.figures == .known("row_count=2"))
        }
    }

    @Test func `is unknown, not unchanged, when the warehouse does not answer`() async throws {
        try await Workspace.run { workspace in
            try await fill(workspace)
            try await workspace.fault("databricks_statement_post", ["status": 503], times: -1)
            let error = await #expect(throws: SQLError.self) { try await observe(workspace, ["timeout": "500ms"]) }
            #expect(error?.isTransient == true)
        }
    }
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct `Signing in to Databricks` {
    @Test func `makes one token for many calls`() async throws {
        try await Workspace.run { workspace in
            let connection = try workspace.principal()
            for _ in 1...3 { _ = await connection.client.call("GET", "/api/2.2/jobs/list") }
            #expect(try await workspace.count("databricks_token") == 1)
        }
    }

    @Test func `reads a personal token anew when it is refused`() async throws {
        try await Workspace.run { workspace in
            workspace.secrets.values.withLock { $0 = ["old-token", workspace.ready.databricks.token] }
            let connection = try workspace.connection(["token": "${secret:x}"])
            let reply = await connection.client.call("GET", "/api/2.2/jobs/list")
            guard case .answer = reply.result else {
                Issue.record("\(reply.result)")
                return
            }
            #expect(workspace.secrets.forgotten.withLock { $0 } == 1)
        }
    }

    @Test func `reads a client's secret anew when it is refused`() async throws {
        try await Workspace.run { workspace in
            workspace.secrets.values.withLock { $0 = ["old-secret", workspace.ready.clientSecret] }
            let connection = try workspace.connection([
                "client_id": .text(workspace.ready.clientID), "client_secret": "${secret:x}",
            ])
            let reply = await connection.client.call("GET", "/api/2.2/jobs/list")
            guard case .answer = reply.result else {
                Issue.record("\(reply.result)")
                return
            }
        }
    }

    @Test func `is examined by the doctor, together with warehouse and jobs`() async throws {
        try await Workspace.run { workspace in
            let kinds: [(asset: AssetKey, kind: any AssetKind)] = [
                ("a", try workspace.job()), ("b", try workspace.job(["job": "none"])),
            ]
            let findings = await (try workspace.connection()).examine(Examination(kinds: kinds))
            #expect(findings.map(\.verdict) == [.ok, .ok, .ok, .fail])
            let refused = await (try workspace.connection(["token": "wrong"])).examine(Examination(kinds: kinds))
            #expect(refused.contains { $0.verdict == .fail })
            #expect(try await workspace.count("databricks_statement_post") == 0)
        }
    }
}

extension VersionState {
    /// Without the mark of what it was read of.
    var figures: VersionState {
        guard case .known(let version) = self, version.fingerprint.contains(";of=")
        else { return self }
        return .known(DataVersion(String(version.fingerprint.dropLast(12))))
    }
}
