import FreshetCore
import FreshetKit
import Synchronization
import Testing

@testable import FreshetPowerBI

/// Lost answers, and processes that end in the middle.
@Suite struct RefreshRecoveryTests {
    @Test func `adopts from history a refresh whose answer was lost, after one post`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => drop
            GET refreshes?$top=60 => 200 [Date: Thu, 01 Jan 2026 00:00:00 GMT] {"value":[]}
            GET refreshes?$top=60 => 200 {"value":[{"requestId":"bbbbbbbb-2","refreshType":"ViaEnhancedApi","startTime":"2026-01-01T00:00:01Z","status":"Unknown"}]}
            GET refreshes/bbbbbbbb-2 => 202 \(Answers.running)
            GET refreshes/bbbbbbbb-2 => 200 \(Answers.completed)
            """
        )
        let success = try #require(try await bench.refresh().success)

        #expect(success.nonce == "bbbbbbbb-2")
        #expect(success.details["adopted"] == true)
        #expect(bench.transport.posts.count == 1)
        #expect(bench.transport.mistakes == [])
        #expect(bench.log.course == "prepared:prepared ambiguous:unanswered accepted:adopted completed:ended")
    }

    @Test func `does not adopt a refresh that another operation of Freshet's owns`() async throws {
        let entry =
            #"{"value":[{"requestId":"bbbbbbbb-2","refreshType":"ViaEnhancedApi","startTime":"2026-01-01T00:00:01Z","status":"Completed"}]}"#
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 502 <html>Bad Gateway</html>
            """ + String(repeating: "\nGET refreshes?$top=60 => 200 \(entry)", count: 4)
        )
        var other = bench.operation(.completed, requestID: "BBBBBBBB-2")
        other.id = "run0/other/1"
        bench.log.others.withLock { [other] in $0 = [other] }
        let failure = try #require(try await bench.refresh().failure)

        #expect(failure.code == .notFound)
        #expect(bench.transport.mistakes == [])
    }

    @Test(arguments: [("full", RetryClass.now), ("clear_values", .never)])
    func `ends as not found when history shows nothing for two minutes`(
        _ type: String,
        _ retry: RetryClass
    ) async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => drop
            """ + String(repeating: "\nGET refreshes?$top=60 => 200 {\"value\":[]}", count: 4)
        )
        let failure = try #require(try await bench.refresh([("type", .text(type))]).failure)

        #expect(failure.code == .notFound)
        #expect(failure.retry == retry)
        #expect(bench.clock.elapsed == .seconds(120))
        #expect(bench.transport.posts.count == 1)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `takes a page with status 200 for no answer`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 200 <html>Sign in</html>
            """ + String(repeating: "\nGET refreshes?$top=60 => 200 {\"value\":[]}", count: 4)
        )
        #expect(try await bench.refresh().failure?.code == .notFound)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `looks for an intent of a former process in history, and does not post`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[{"requestId":"bbbbbbbb-2","refreshType":"ViaEnhancedApi","startTime":"2026-01-01T00:00:01.1234567Z","status":"Unknown","extendedStatus":"InProgress"}]}
            GET refreshes/bbbbbbbb-2 => 202 \(Answers.running)
            GET refreshes/bbbbbbbb-2 => 200 \(Answers.completed)
            """
        )
        let outcome = try await bench.refresh(resuming: bench.operation(.prepared))

        #expect(outcome.success?.nonce == "bbbbbbbb-2")
        #expect(bench.transport.posts.isEmpty)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `goes on looking at a refresh of a former process, without looking up its names`() async throws {
        let bench = Bench("GET refreshes/aaaaaaaa-1 => 200 \(Answers.completed)")
        let outcome = try await bench.refresh(
            workspace: "Retail",
            model: "Sales",
            resuming: bench.operation(.accepted, requestID: "aaaaaaaa-1")
        )
        #expect(outcome.success?.nonce == "aaaaaaaa-1")
        #expect(bench.transport.mistakes == [])
    }

    @Test func `does not post when it cannot tell what a former process left`() async throws {
        let bench = Bench("")
        var operation = bench.operation(.prepared)
        operation.target = "elsewhere"
        let failure = try #require(try await bench.refresh(resuming: operation).failure)
        #expect(failure.code == .internalError)
        #expect(bench.transport.sent.isEmpty)
    }

    @Test func `leaves a running refresh to the next process when this one ends`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 202 [x-ms-request-id: aaaaaaaa-1]
            """
        )
        let task = Task { try await bench.refresh() }
        bench.clock.at(.seconds(1)) { task.cancel() }
        let outcome = try await task.value

        #expect(outcome == .left)
        #expect(bench.log.last?.state == .accepted)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `writes down the answer to a post that arrives while the process ends`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 202 [x-ms-request-id: aaaaaaaa-1]
            """
        )
        let task = Task { try await bench.refresh() }
        bench.transport.on("POST refreshes") { task.cancel() }
        #expect(try await task.value == .left)
        #expect(bench.log.course == "prepared:prepared accepted:answered")
    }
}
