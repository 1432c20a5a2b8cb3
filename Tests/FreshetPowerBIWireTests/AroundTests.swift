import FreshetCore
import FreshetEmulator
import FreshetKit
import Testing

@testable import FreshetPowerBI

/// Rows after a refresh, dataflows, and what the doctor finds.
@Suite(.serialized) struct `Around the refresh` {
    static func rows(_ count: Int64) -> Observation {
        Observation(
            .known("v"),
            values: ["row_count": .integer(count)],
            observedAt: Timestamp(iso8601: "2026-05-04T02:14:00Z")
        )
    }
    static let tables: JSONValue = [
        "tables": ["fct_sales": ["from": "warehouse/fct_sales"], "dim_customer": ["from": "warehouse/dim_customer"]]
    ]

    private func verify(
        _ verify: JSONValue,
        model: Int64,
        warehouse: Int64?,
        _ prepare: (Service) async throws -> Void = { _ in }
    ) async throws -> StepOutcome {
        try await Service.run { service in
            try await service.control("models/Sales", ["tables": ["fct_sales": ["rows": .integer(model)]]])
            try await prepare(service)
            let inputs: [AssetKey: Observation] = warehouse.map { ["warehouse/fct_sales": Self.rows($0)] } ?? [:]
            let step = service.step(try service.connection(), inputs: inputs)
            return await (try service.sales(["refresh": Self.tables, "verify": verify])).materialize(step)
        }
    }

    @Test func `missing rows fail a refresh that the service calls completed, and say by how much`() async throws {
        let outcome = try await verify(true, model: 9950, warehouse: 10_000)
        #expect(outcome.word == "failed check_failed later")
        let check = try #require(outcome.failure?.checks.first)
        #expect(check.name == "row_count/fct_sales")
        #expect(
            check.message
                == "model has 9,950 rows, warehouse/fct_sales had 10,000 at 02:14 UTC: 50 missing (0.5 %)"
        )
        #expect(outcome.failure?.checks.count == 1)
        #expect(outcome.failure?.details["request_id"] != nil)
    }

    @Test(
        arguments: [
            (["fct_sales": ["tolerance": "0.5%"]], 9950, true), (["fct_sales": ["tolerance": "0.4%"]], 9950, false),
            (["fct_sales": ["tolerance": 50]], 9950, true), (["fct_sales": ["severity": "warn"]], 9950, false),
            // It may have grown since it was counted.
            (["fct_sales": [:]], 10_001, false), (["fct_sales": [:]], 10_000, true),
        ] as [(JSONValue, Int64, Bool)]
    )
    func `a tolerance and a severity decide what a difference means`(
        _ rule: JSONValue,
        _ rows: Int64,
        _ isPassed: Bool
    ) async throws {
        let outcome = try await verify(rule, model: rows, warehouse: 10_000)
        let checks = try #require(outcome.success?.checks ?? outcome.failure?.checks)
        #expect(checks.map(\.isPassed) == [isPassed])
        let fails = !isPassed && checks[0].severity == .error
        #expect(outcome.word == (fails ? "failed check_failed later" : "succeeded"))
    }

    @Test func `what cannot be counted is a warning, never a pass`() async throws {
        let unread = try await verify(["fct_sales": [:]], model: 10, warehouse: 10) { service in
            let body: JSONValue = #"{"results":[{"tables":[{"rows":[{"[t0]":10}]}],"error":{"code":"cut"}}]}"#
            try await service.fault("execute_queries", ["status": 400, "body": body])
        }
        #expect(unread.success?.checks.map(\.isPassed) == [false])
        let untold = try await verify(["fct_sales": [:]], model: 10, warehouse: nil)
        let check = try #require(untold.success?.checks.first)
        #expect(check.severity == .warn && !check.isPassed && check.message.hasPrefix("unknown: "))
        let refused = try await verify(["fct_sales": [:]], model: 10, warehouse: 10) { service in
            try await service.control("models/Sales", ["build": false])
        }
        #expect(refused.success?.checks.map(\.isPassed) == [false])
    }

    @Test func `a table of no rows counts as none, not as unknown`() async throws {
        let outcome = try await verify(["fct_sales": [:]], model: 0, warehouse: 0)
        #expect(outcome.success?.checks.first?.isPassed == true)
        #expect(outcome.success?.details["rows"] == ["fct_sales": 0])
    }

    private func dataflow(
        _ timeout: Duration = .seconds(20),
        _ prepare: (Service) async throws -> Void
    ) async throws -> (StepOutcome, String) {
        try await Service.run { service in
            try await prepare(service)
            let kind = try DataflowRefresh(
                from: settings(["connection": "powerbi", "workspace": "Retail", "dataflow": "Currency rates"])
            )
            let outcome = await kind.materialize(service.step(try service.connection(), timeout: timeout))
            return (outcome, service.log.course)
        }
    }

    @Test func `a dataflow is followed by the transaction that appears after the request`() async throws {
        let (outcome, course) = try await dataflow { _ in }
        #expect(outcome.word == "succeeded")
        #expect(outcome.success?.nonce?.contains("@") == true)
        #expect(course == "prepared ambiguous accepted completed")
    }

    @Test(arguments: [("Failed", "failed remote_failed later"), ("Cancelled", "failed remote_cancelled later")])
    func `a dataflow's end has its own outcome`(_ end: String, _ word: String) async throws {
        let (outcome, _) = try await dataflow { try await $0.fault("dataflow_refresh", ["end": .text(end)]) }
        #expect(outcome.word == word)
    }

    @Test func `a dataflow that refuses applications says what to do`() async throws {
        let (outcome, course) = try await dataflow {
            try await $0.control("dataflows/Currency%20rates", ["service_principals_allowed": false])
        }
        #expect(outcome.word == "failed credentials never")
        #expect(outcome.failure?.message.contains("let a user own it") == true)
        #expect(course == "prepared rejected")
    }

    @Test func `a dataflow is cancelled when the step is asked to stop`() async throws {
        let (outcome, course) = try await dataflow { service in
            try await service.control("dataflows/Currency%20rates", ["duration": 60])
            service.when("in progress") { service.stop.raise(.cancelled) }
        }
        #expect(outcome.word == "cancelled")
        #expect(course == "prepared ambiguous accepted accepted cancelled")
    }

    private func examine(
        _ fields: [String: JSONValue] = [:],
        _ connection: [String: String] = [:],
        _ prepare: (Service) async throws -> Void = { _ in }
    ) async throws -> [String: Finding.Verdict] {
        let findings = try await findings(fields, connection, prepare)
        return Dictionary(findings.map { ($0.check, $0.verdict) }) { first, _ in first }
    }

    private func findings(
        _ fields: [String: JSONValue] = [:],
        _ connection: [String: String] = [:],
        _ prepare: (Service) async throws -> Void = { _ in }
    ) async throws -> [Finding] {
        try await Service.run { service in
            try await prepare(service)
            let kind = try service.sales(fields)
            let log = service.log
            let examination = Examination(kinds: [("powerbi/retail/sales", kind)]) { target in
                // The log of a test never fails.
                (try? await log.operations(on: target, limit: 100)) ?? []
            }
            let findings = try await service.connection(connection).examine(examination)
            for finding in findings { #expect(!finding.message.contains(service.ready.clientSecret)) }
            return findings
        }
    }

    @Test func `the doctor finds nothing wrong with what is right`() async throws {
        let found = try await examine(["refresh": ["tables": ["fct_sales": ["from": "w/f", "partition": "Current"]]]]) {
            _ = try await $0.refresh()
        }
        #expect(found.filter { $0.value != .ok } == [:])
        #expect(
            Set(found.keys) == [
                "token", "tenant_setting", "workspace_role", "model", "owner", "incremental_range", "quota",
                "foreign_refreshes", "ui_schedule",
            ]
        )
    }

    @Test func `the doctor stops at a door that is shut`() async throws {
        let secret = try await examine([:], ["client_secret": "wrong"])
        #expect(secret == ["token": .fail, "model": .skipped])
        let gate = try await examine { try await $0.control("tenant", ["service_principals_allowed": false]) }
        #expect(gate == ["token": .ok, "tenant_setting": .fail, "model": .skipped])
    }

    @Test func `the doctor sends nobody to the secret when the sign-in service is out of reach`() async throws {
        let found = try await findings([:], ["authority_url": "http://127.0.0.1:9"])
        let token = try #require(found.first { $0.check == "token" })
        #expect(token.verdict == .fail)
        #expect(token.mend?.contains("authority_url") == true, "\(token)")
        #expect(token.mend?.contains("secret") == false, "\(token)")
    }

    @Test func `the doctor says how far back it can tell its own refreshes from others`() async throws {
        let found = try await findings {
            try await $0.control("models/Sales", ["inject": ["duration": 1, "started_ago": 3600]])
            _ = try await $0.refresh()
        }
        let foreign = try #require(found.first { $0.check == "foreign_refreshes" })
        #expect(foreign.verdict == .ok)
        #expect(foreign.message.hasPrefix("nobody else has refreshed it since Freshet first did, at "))
    }

    @Test func `the doctor reads each list once, however many models there are`() async throws {
        try await Service.run { service in
            let kinds = try (0..<5).map { (AssetKey("m\($0)"), try service.sales()) }
            let examination = Examination(kinds: kinds) { _ in [] }
            _ = try await service.connection().examine(examination)
            // The door, and once for each of the lists of the directory and of the checks.
            #expect(try await service.count("groups") == 3)
            #expect(try await service.count("datasets") == 2)
        }
    }

    @Test func `the doctor names each symptom`() async throws {
        let workspace = try await examine(["workspace": "Nowhere"])
        #expect(workspace["workspace_role"] == .fail)
        let model = try await examine(["model": "Nothing", "refresh": ["commit_mode": "partial_batch"]])
        #expect(model["model"] == .fail && model["partial_batch"] == .warn)
        let capacity = try await examine(["capacity": "shared"])
        #expect(capacity["capacity"] == .warn)
        let owner = try await examine { try await $0.control("models/Sales", ["configured_by": "an-app"]) }
        #expect(owner["owner"] == .warn)
        let range = try await examine(
            ["refresh": ["tables": ["fct_sales": ["from": "w/f", "partition": "Current"]]]]
        ) { try await $0.control("models/Sales", ["tables": ["fct_sales": ["range_filter": false]]]) }
        #expect(range["incremental_range"] == .warn)
        let foreign = try await examine {
            _ = try await $0.refresh()
            try await $0.control("models/Sales", ["inject": ["duration": 1]])
        }
        #expect(foreign["foreign_refreshes"] == .warn)
    }
}
