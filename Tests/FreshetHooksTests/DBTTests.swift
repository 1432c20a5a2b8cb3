import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetHooks

@Suite struct `A hook of dbt` {
    /// The shape of dbt's documentation.
    private func body(_ type: String = "job.run.completed", at time: String = "2026-01-01T06:28:07Z") -> String {
        """
        {"accountId":1,"webhookId":"wsu_12345abcde","eventId":"wev_2L6ZEmRoMjYE3HHrxZm4fRyk5SG","timestamp":"\(time)",\
        "eventType":"\(type)","webhookName":"Freshet","data":{"jobId":"123","jobName":"Daily","runId":"12345",\
        "environmentId":"1234","environmentName":"Production","runStatus":"Success","runStatusCode":10,\
        "runStatusMessage":"None","runReason":"Kicked off from UI","runStartedAt":"2026-01-01T06:25:00Z",\
        "runFinishedAt":"2026-01-01T06:28:00Z"}}
        """
    }

    private func headers(_ code: String) -> HTTPHeaders {
        ["Content-Type": "application/json", "Authorization": code]
    }

    /// The signature was computed by another program.
    @Test func `takes a finished run`() async throws {
        let signature = "5c875ac9a7abcbc1f3969af61979571ece8e7269e2a93dcea5de46910125c492"
        let deliveries = try await Desk(.dbt).take(body(), headers(signature))
        let expected = HookDelivery(id: "wev_2L6ZEmRoMjYE3HHrxZm4fRyk5SG", type: "job.run.completed")
        #expect(deliveries == [expected])
        #expect(try await Desk(.dbt).take(body(), headers(signature.uppercased())) == [expected])
    }

    @Test(arguments: [("job.run.completed", true), ("job.run.errored", true), ("job.run.started", false)])
    func `leads to a look when a run has ended, well or not`(type: String, isNews: Bool) async throws {
        let body = body(type)
        #expect(try await Desk(.dbt).take(body, headers(code(body))).map(\.isNews) == [isNews])
    }

    @Test func `refuses what somebody else signed, or nobody`() async throws {
        #expect(await Desk(.dbt).refusal(of: body(), headers(try code(body(), by: nextSecret))) == .badSignature)
        #expect(await Desk(.dbt).refusal(of: body(), headers("Bearer \(secret)")) == .badSignature)
        #expect(await Desk(.dbt).refusal(of: body(), headers("")) == .missingHeader("Authorization"))
    }

    @Test func `refuses what is older than what is remembered`() async throws {
        let old = body(at: "2025-12-25T06:29:59Z")
        guard case .stale? = await Desk(.dbt).refusal(of: old, headers(try code(old))) else {
            Issue.record("it was taken")
            return
        }
        let young = body(at: "2025-12-25T06:30:01Z")
        #expect(await Desk(.dbt).refusal(of: young, headers(try code(young))) == nil)
    }

    @Test func `refuses what would be remembered for less time than it could be sent again`() async throws {
        let early = body(at: "2026-01-01T06:35:01Z")
        let sent = Timestamp(milliseconds: now.milliseconds + 301_000)
        let refusal = await Desk(.dbt).refusal(of: early, headers(try code(early)))
        #expect(refusal == .stale(sent: sent, tolerance: .seconds(300)))
        let near = body(at: "2026-01-01T06:35:00Z")
        #expect(await Desk(.dbt).refusal(of: near, headers(try code(near))) == nil)
    }

    @Test func `takes either of two secrets, and only those`() async throws {
        let both = Desk(.dbt, secrets: ["${secret:env/ONE}", "${secret:env/TWO}"])
        for key in [secret, nextSecret] {
            #expect(await both.refusal(of: body(), headers(try code(body(), by: key))) == nil)
        }
        #expect(await both.refusal(of: body(), headers(try code(body(), by: "something else"))) == .badSignature)
    }

    @Test func `goes on with one secret while the other is not there`() async throws {
        let half = Desk(.dbt, secrets: ["${secret:env/GONE}", "${secret:env/TWO}"])
        #expect(await half.refusal(of: body(), headers(try code(body(), by: nextSecret))) == nil)
    }

    @Test(arguments: ["", "short", "fifteen letters"])
    func `takes nothing by a secret that is no secret`(text: String) async throws {
        let desk = Desk(.dbt, variables: ["ONE": text])
        guard case .unavailable(let reason)? = await desk.refusal(of: body(), headers(try code(body(), by: text)))
        else {
            Issue.record("it was taken")
            return
        }
        #expect(!reason.contains("short") && !reason.contains("fifteen"))
        #expect(await desk.desk.complaints() == [reason])
    }

    @Test func `does not take more in a minute than it should, and counts only what is signed`() async throws {
        let desk = Desk(.dbt, perMinute: 2)
        let signed = headers(try code(body()))
        for _ in 0..<50 { #expect(await desk.refusal(of: body(), headers("00")) == .badSignature) }
        #expect(await desk.refusal(of: body(), signed) == nil)
        #expect(await desk.refusal(of: body(), signed) == nil)
        #expect(await desk.refusal(of: body(), signed) == .tooMany(retryAfter: .seconds(30)))
        desk.clock.advance(by: .seconds(30))
        #expect(await desk.refusal(of: body(), signed) == nil)
        #expect(await desk.refusal(of: body(), signed) == .tooMany(retryAfter: .seconds(30)))
    }
}
