import FreshetCore
import FreshetKit
import Synchronization
import Testing

@testable import FreshetPowerBI

/// How an attempt ends without success, and what is said and not said about it.
@Suite struct RefreshEndTests {
    @Test func `tells the root cause of a failure`() async throws {
        let exception =
            #"{\"errorCode\":\"ModelRefresh_ShortMessage_ProcessingError\",\"errorDescription\":\"0xC11C0006: The current operation was cancelled because another operation in the transaction failed.\\nExpression.Error: The key did not match any rows in the table.\"}"#
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 202 [x-ms-request-id: aaaaaaaa-1]
            GET refreshes/aaaaaaaa-1 => 200 {"status":"Failed","extendedStatus":"Failed","refreshAttempts":[{"attemptId":1,"type":"Data","serviceExceptionJson":"\(exception)"}]}
            """
        )
        let failure = try #require(try await bench.refresh().failure)

        #expect(failure.code == .remoteFailed)
        #expect(failure.retry == .later)
        #expect(failure.message == "Expression.Error: The key did not match any rows in the table.")
        #expect(failure.details["error_code"] == "ModelRefresh_ShortMessage_ProcessingError")
        #expect(failure.details["request_id"] == "aaaaaaaa-1")
        #expect(bench.log.last?.state == .failed)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `cancels over there when the step is asked to stop`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 202 [x-ms-request-id: aaaaaaaa-1]
            GET refreshes/aaaaaaaa-1 => 202 \(Answers.running)
            DELETE refreshes/aaaaaaaa-1 => 200
            GET refreshes/aaaaaaaa-1 => 200 {"status":"Cancelled","extendedStatus":"Cancelled"}
            """
        )
        bench.clock.at(.seconds(8)) { [stop = bench.stop] in stop.raise(.cancelled) }
        let cancellation = try #require(try await bench.refresh().cancellation)

        #expect(cancellation.isRemoteStopped)
        #expect(cancellation.message == "cancelled; the refresh has ended")
        #expect(bench.transport.mistakes == [])
        #expect(
            bench.log.course == "prepared:prepared accepted:answered accepted:cancel_requested cancelled:ended"
        )
    }

    @Test func `says that a refresh may still run when it passed its deadline and could not be cancelled`() async throws
    {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 202 [x-ms-request-id: aaaaaaaa-1]
            GET refreshes/aaaaaaaa-1 => 202 \(Answers.running)
            DELETE refreshes/aaaaaaaa-1 => 400 {"error":{"code":"BadRequest"}}
            GET refreshes/aaaaaaaa-1 => 202 \(Answers.running)
            """
        )
        let failure = try #require(try await bench.refresh(timeout: .seconds(10)).failure)

        #expect(failure.code == .timedOut)
        #expect(failure.message == "the deadline passed; the refresh could not be cancelled and may still run")
        #expect(bench.log.last?.state == .lost)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `posts nothing when asked to stop while it waits for somebody else's refresh`() async throws {
        let bench = Bench(
            #"GET refreshes?$top=60 => 200 {"value":[{"requestId":"f1","refreshType":"Scheduled","startTime":"2025-12-31T23:59:00Z","status":"Unknown"}]}"#
        )
        bench.clock.at(.seconds(2)) { [stop = bench.stop] in stop.raise(.cancelled) }
        let cancellation = try #require(try await bench.refresh().cancellation)

        #expect(cancellation.message == "cancelled before a refresh was asked for")
        #expect(bench.log.course == "")
        #expect(bench.transport.mistakes == [])
    }

    @Test func `skips in favor of somebody else's refresh, which is no failure`() async throws {
        let bench = Bench(
            #"GET refreshes?$top=60 => 200 {"value":[{"requestId":"f1","refreshType":"OnDemand","startTime":"2025-12-31T23:59:00Z","status":"Unknown"}]}"#
        )
        let outcome = try await bench.refresh(and: [("on_conflict", .text("skip"))])
        #expect(outcome == .held(.foreignRefreshRunning))
        #expect(bench.transport.posts.isEmpty)
    }

    static let prefix = #"{"error":{"code":"InvalidRequest","message":"Invalid dataset"#

    @Test(arguments: [
        (
            "400 \(prefix) refresh request. Another refresh request is already executing\"}}",
            FailureCode.foreignRefreshRunning, RetryClass.later
        ),
        ("409 ", .foreignRefreshRunning, .later),
        (
            "400 \(prefix) refresh request. Number of refresh requests in last 24 hours exceeded limit\"}}",
            .quotaExhausted, .later
        ),
        ("415 \(prefix). This API can only be called on a Model-based dataset\"}}", .badRequest, .never),
        (#"403 {"Message":"API is not accessible for application"}"#, .credentials, .never),
        (#"401 {"error":{"code":"PowerBINotAuthorizedException"}}"#, .credentials, .never),
    ])
    func `understands why a post was refused`(_ answer: String, _ code: FailureCode, _ retry: RetryClass) async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => \(answer)
            """
        )
        let failure = try #require(try await bench.refresh().failure)
        #expect(failure.code == code)
        #expect(failure.retry == retry)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `says who has to let applications in where the tenant keeps them out`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 403 {"Message":"API is not accessible for application"}
            """
        )
        let failure = try #require(try await bench.refresh().failure)
        #expect(failure.message.contains("an administrator of the tenant has to allow"), "\(failure.message)")
    }

    @Test func `keeps how long a throttled service asks to wait`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 429 [Retry-After: 3392] {"message":"You have exceeded the amount of requests allowed"}
            GET refreshes?$top=60 => 200 {"value":[]}
            """
        )
        let failure = try #require(try await bench.refresh().failure)
        #expect(failure.code == .throttled)
        #expect(failure.notBefore == LeapingClock.start + .seconds(3392))
    }

    @Test func `follows a standard refresh by its only header and by history`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 202 [RequestId: cccccccc-3]
            GET refreshes/cccccccc-3 => 400 {"error":{"code":"InvalidRequest"}}
            GET refreshes?$top=60 => 200 {"value":[{"requestId":"cccccccc-3","id":7,"refreshType":"ViaApi","startTime":"2026-01-01T00:00:00Z","endTime":"2026-01-01T00:00:20Z","status":"Completed"}]}
            """
        )
        let outcome = try await bench.refresh(
            [("tables", object([("fct", object([("from", .text("warehouse/fct"))]))]))],
            and: [("capacity", .text("shared"))],
            extent: .parts(["fct"])
        )
        #expect(outcome.success?.nonce == "cccccccc-3")
        #expect(bench.transport.posts.first?.body == "{}")
        #expect(bench.log.last?.objects == [])
        #expect(bench.transport.mistakes == [])
    }

    @Test func `never shows a secret or a token`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 400 {"error":{"code":"Bad","message":"echo Bearer token-1 and s3cr3t&value and s3cr3t%26value"}}
            """
        )
        let failure = try #require(try await bench.refresh().failure)
        let shown = "\(failure) \(bench.log.entries.withLock { "\($0)" }) \(bench.reports.withLock { "\($0)" })"
        for secret in ["token-1", Bench.secret, "s3cr3t%26value"] { #expect(!shown.contains(secret)) }
    }

    @Test func `says in a few words what is going on`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 202 [x-ms-request-id: aaaaaaaa-1]
            GET refreshes/aaaaaaaa-1 => 202 \(Answers.running)
            GET refreshes/aaaaaaaa-1 => 200 \(Answers.completed)
            """
        )
        _ = try await bench.refresh()
        let reports = bench.reports.withLock { $0 }
        #expect(reports.first?.hasPrefix("looking up") == true)
        #expect(
            Array(reports.dropFirst()) == [
                "reading the model's refresh history", "asking for a refresh", "refresh aaaaaaaa… in progress, 0 s",
                "refresh aaaaaaaa… in progress, 4 s", "refresh aaaaaaaa… in progress, 11 s",
            ]
        )
    }
}
