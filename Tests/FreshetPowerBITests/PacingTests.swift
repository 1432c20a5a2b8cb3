import FreshetCore
import FreshetKit
import Testing

@testable import FreshetPowerBI

@Suite struct `A paced application` {
    @Test func `hands the step back when it is told to come back in an hour, and sends nothing more`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 429 [Retry-After: 3392] {"message":"Retry in 3392 seconds."}
            """
        )
        let failure = try #require(try await bench.refresh().failure)
        #expect(failure.code == .throttled)
        #expect(failure.notBefore == LeapingClock.start + .seconds(3392))
        #expect(bench.clock.elapsed == .zero)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `reads history once after a refused request, although everything else waits`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 429 [Retry-After: 3392] {"message":"Retry in 3392 seconds."}
            GET refreshes?$top=60 => 200 {"value":[]}
            """
        )
        #expect(try await bench.refresh().failure?.code == .throttled)
        #expect(bench.clock.elapsed < .seconds(60))
        #expect(bench.transport.mistakes == [])
    }

    @Test func `waits for its turn where that is near`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 202 [x-ms-request-id: aaaaaaaa-1]
            GET refreshes/aaaaaaaa-1 => 200 \(Answers.completed)
            """
        )
        let connection: [(String, ConfigValue.Content)] = [
            ("requests_per_minute", .integer(2)), ("poll_interval", .text("1s")),
        ]
        let outcome = try await bench.refresh(connection: connection)
        #expect(outcome.success != nil)
        // The first goes out at once, each other half a minute later.
        #expect(bench.clock.elapsed == .seconds(60))
    }

    @Test func `shared capacity has a quota of eight a day, dedicated none`() throws {
        func quota(_ capacity: String) throws -> Quota? {
            let fields: [(String, ConfigValue.Content)] = [
                ("connection", .text("powerbi")), ("workspace", .text("W")), ("model", .text("M")),
                ("capacity", .text(capacity)),
            ]
            return try SemanticModelRefresh(from: settings(fields)).quota
        }
        #expect(try quota("shared") == Quota(limit: 8, window: .seconds(86_400)))
        #expect(try quota("dedicated") == nil)
        #expect(SemanticModelRefresh.system == "Power BI")
    }
}
