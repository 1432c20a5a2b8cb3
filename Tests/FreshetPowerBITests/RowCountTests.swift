import FreshetCore
import FreshetKit
import Testing

@testable import FreshetPowerBI

/// Counting rows after a refresh, and the answers that are none.
@Suite struct RowCountTests {
    private let script = """
        GET refreshes?$top=60 => 200 {"value":[]}
        POST refreshes => 202 [x-ms-request-id: aaaaaaaa-1]
        GET refreshes/aaaaaaaa-1 => 200 \(Answers.completed)
        """

    private func outcome(_ bench: Bench) async throws -> StepOutcome {
        let tables = object([("it's", object([("from", .text("w/t"))]))])
        return try await bench.refresh([("tables", tables)], and: [("verify", .boolean(true))], rows: ["w/t": 10])
    }

    @Test func `asks once for what was refreshed, with names quoted`() async throws {
        let bench = Bench(
            script + "\nPOST executeQueries => 200 {\"results\":[{\"tables\":[{\"rows\":[{\"[t0]\":\"10\"}]}]}]}"
        )
        let success = try #require(try await outcome(bench).success)
        #expect(success.checks.map(\.isPassed) == [true])
        #expect(
            bench.transport.sent.last?.body
                == #"{"queries":[{"query":"EVALUATE ROW(\"t0\", COUNTROWS('it''s') + 0)"}],"serializerSettings":{"includeNulls":true}}"#
        )
        #expect(bench.transport.sent.last?.isOnFreshConnection == false)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `waits as long as it is told, within three minutes`() async throws {
        let answer = #"200 {"results":[{"tables":[{"rows":[{"[t0]":9}]}]}]}"#
        let bench = Bench(script + "\nPOST executeQueries => 429 [Retry-After: 60]\nPOST executeQueries => \(answer)")
        let failure = try #require(try await outcome(bench).failure)
        #expect(failure.code == .checkFailed)
        #expect(failure.message == "row_count/it's: model has 9 rows, w/t had 10: 1 missing (10 %)")

        let impatient = Bench(script + "\nPOST executeQueries => 429 [Retry-After: 600]")
        let success = try #require(try await outcome(impatient).success)
        #expect(success.checks.map(\.severity) == [.warn] && success.checks.map(\.isPassed) == [false])
        #expect(impatient.transport.mistakes == [])
    }

    @Test(arguments: [
        #"{"results":[{"tables":[{"rows":[{"[t0]":10}]}],"error":{"code":"cut"}}]}"#,
        #"{"results":[{"tables":[{"rows":[{"[t0]":10}],"error":{"code":"cut"}}]}]}"#,
        #"{"results":[{"tables":[{"rows":[{"[t0]":10}]}]}],"error":{"code":"cut"}}"#,
        #"{"results":[{"tables":[{"rows":[]}]}]}"#, "<html>",
    ])
    func `takes an error inside a success for no answer`(_ body: String) async throws {
        let line = "\nPOST executeQueries => 200 \(body)"
        // Asked again every 15 seconds, for three minutes.
        let bench = Bench(script + String(repeating: line, count: 12))
        let success = try #require(try await outcome(bench).success)
        #expect(success.checks.first?.message.hasPrefix("unknown: ") == true)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `a row without the value is unknown`() async throws {
        let bench = Bench(
            script + "\nPOST executeQueries => 200 {\"results\":[{\"tables\":[{\"rows\":[{\"[t0]\":null}]}]}]}"
        )
        let success = try #require(try await outcome(bench).success)
        #expect(success.checks.first?.message == "unknown: the answer does not name it")
    }
}
