import FreshetCore
import FreshetKit
import Synchronization
import Testing

@testable import FreshetPowerBI

/// One attempt from its first request to its success.
@Suite struct RefreshTests {
    static let tables: [(String, ConfigValue.Content)] = [
        (
            "tables",
            object([
                ("fct_sales", object([("from", .text("warehouse/fct_sales")), ("partition", .text("Current"))])),
                ("dim_customer", object([("from", .text("warehouse/dim_customer"))])),
            ])
        )
    ]

    @Test func `refreshes the partition of the table that changed, with exactly this body`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 202 [x-ms-request-id: aaaaaaaa-1] [RequestId: aaaaaaaa-1]
            GET refreshes/aaaaaaaa-1 => 202 {"status":"Unknown","extendedStatus":"InProgress","type":"Full"}
            GET refreshes/aaaaaaaa-1 => 200 {"startTime":"2026-01-01T00:00:01","endTime":"2026-01-01T00:00:31.5","type":"Full","commitMode":"Transactional","status":"Completed","extendedStatus":"Completed","objects":[{"table":"fct_sales","partition":"Current","status":"Completed"}],"refreshAttempts":[{"attemptId":1,"type":"Data"}]}
            """
        )
        let outcome = try await bench.refresh(Self.tables, extent: .parts(["fct_sales"]))

        let success = try #require(outcome.success)
        #expect(success.nonce == "aaaaaaaa-1")
        #expect(
            success.details.serialized()
                == #"{"adopted":false,"attempts":1,"commit_mode":"Transactional","duration_s":30.5,"ended_at":"2026-01-01T00:00:31.500Z","objects":[{"partition":"Current","status":"Completed","table":"fct_sales"}],"refresh_type":"Full","request_id":"aaaaaaaa-1","started_at":"2026-01-01T00:00:01.000Z","status":"Completed"}"#
        )
        let post = try #require(bench.transport.posts.first)
        #expect(
            post.body
                == #"{"applyRefreshPolicy":false,"commitMode":"transactional","objects":[{"partition":"Current","table":"fct_sales"}],"type":"full"}"#
        )
        #expect(post.isOnFreshConnection)
        #expect(bench.transport.mistakes == [])
        #expect(bench.log.course == "prepared:prepared accepted:answered completed:ended")
        #expect(bench.log.last?.objects == ["fct_sales/Current"])
    }

    @Test(arguments: ["403 \(Answers.expired)", "401 "])
    func `renews an expired token and repeats the look once`(_ answer: String) async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 202 [x-ms-request-id: aaaaaaaa-1]
            GET refreshes/aaaaaaaa-1 => \(answer)
            GET refreshes/aaaaaaaa-1 => 200 \(Answers.completed)
            """
        )
        let outcome = try await bench.refresh()

        #expect(outcome.success?.nonce == "aaaaaaaa-1")
        #expect(bench.transport.tokenRequests == 2)
        #expect(bench.transport.sent.map(\.authorization) == [1, 1, 1, 2].map { "Bearer token-\($0)" })
        #expect(bench.transport.mistakes == [])
    }

    @Test func `does not repeat a post with an expired token, but lets the next attempt try at once`() async throws {
        let bench = Bench(
            """
            GET refreshes?$top=60 => 200 {"value":[]}
            POST refreshes => 403 \(Answers.expired)
            """
        )
        let failure = try #require(try await bench.refresh().failure)

        #expect(failure.code == .credentials)
        #expect(failure.retry == .now)
        #expect(bench.transport.mistakes == [])
        #expect(bench.log.course == "prepared:prepared rejected:refused")
    }

    @Test func `says what is wrong with a secret that has expired, without showing it`() async throws {
        let bench = Bench(
            #"POST token => 401 {"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys for app '1' are expired.","error_codes":[7000222]}"#
        )
        let failure = try #require(try await bench.refresh().failure)

        #expect(failure.code == .credentials)
        #expect(failure.retry == .never)
        #expect(
            failure.message
                == "sign-in refused: the client secret has expired; create a new one for the application (AADSTS7000222)"
        )
    }
}
