import FreshetCore
import FreshetCrypto
import FreshetKit
import Testing

@testable import FreshetHooks

@Suite struct `A plain hook` {
    private let body = #"{"type":"load.finished","assets":["warehouse/orders","no/such"],"data":{"rows":3}}"#

    @Test func `takes what names assets`() async throws {
        let deliveries = try await Desk(.plain).take(body, standard(body))
        let names = ["warehouse/orders", "no/such"]
        let digest = "sha256:\(try Digest.sha256(Array(body.utf8)).hexadecimal)"
        let expected = HookDelivery(id: "msg_1", key: "msg_1 \(digest)", type: "load.finished", names: names)
        #expect(deliveries == [expected])
    }

    @Test func `takes a delivery without a body`() async throws {
        let deliveries = try await Desk(.plain).take("", standard(""))
        #expect(deliveries.map(\.id) == ["msg_1"] && deliveries.map(\.type) == [""])
    }

    @Test func `knows other news under the same id from the same news again`() async throws {
        let desk = Desk(.plain)
        func key(_ body: String, at time: Timestamp = now) async throws -> String? {
            try await desk.take(body, standard(body, at: time)).first?.key
        }
        let again = try await key(body, at: now + .seconds(60))
        #expect(try await key(body) == again)
        #expect(try await key(#"{"assets":["warehouse/stock"]}"#) != again)
    }

    /// The example of the standard's own libraries.
    @Test func `makes the signature of the standard's libraries`() async throws {
        let headers: HTTPHeaders = [
            "content-type": "application/json", "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ]
        let request = HookRequest(headers: headers, body: Array(#"{"test": 2432232314}"#.utf8))
        let then = Timestamp(milliseconds: 1_614_265_330_000)
        for secret in ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            #expect(try PlainHook.verify(request, [HookSecret(secret)], at: then).id == "msg_p5jXN8AQM9LWM0D4loKWxJek")
        }
        // With its prefix a secret is base64, and nothing else.
        #expect(throws: HookRefusal.badSignature) {
            try PlainHook.verify(request, [HookSecret("whsec_not base64, but long enough")], at: then)
        }
    }

    @Test(arguments: [-301, -300, 0, 300, 301])
    func `takes what was signed in the five minutes around now`(seconds: Int) async throws {
        let time = now + .seconds(seconds)
        let refusal = await Desk(.plain).refusal(of: body, try standard(body, at: time))
        let expected: HookRefusal? = abs(seconds) > 300 ? .stale(sent: time, tolerance: .seconds(300)) : nil
        #expect(refusal == expected)
    }

    @Test func `refuses another id, another time and another body under the same signature`() async throws {
        let headers = try standard(body)
        let desk = Desk(.plain)
        #expect(await desk.refusal(of: body, headers.with("webhook-id", "msg_2")) == .badSignature)
        #expect(await desk.refusal(of: body, headers.with("webhook-timestamp", "1767249001")) == .badSignature)
        #expect(await desk.refusal(of: body + " ", headers) == .badSignature)
        #expect(await desk.refusal(of: body, try standard(body, key: nextSecret)) == .badSignature)
    }

    @Test func `takes one right signature among several`() async throws {
        let right = try #require(try standard(body)["webhook-signature"])
        let desk = Desk(.plain)
        for several in ["v1,AAAA \(right)", "v1a,AAAA \(right) v1,AAAA", "\(right) v9,x"] {
            #expect(await desk.refusal(of: body, try standard(body).with("webhook-signature", several)) == nil)
        }
        for none in ["AAAA", "v1a," + right.dropFirst(3), "v1,", right.dropFirst(3).description] {
            let headers = try standard(body).with("webhook-signature", none)
            #expect(await desk.refusal(of: body, headers) == .badSignature, "\(none)")
        }
    }

    @Test func `takes either of two secrets`() async throws {
        let both = Desk(.plain, secrets: ["${secret:env/ONE}", "${secret:env/TWO}"])
        for key in [secret, nextSecret] {
            #expect(await both.refusal(of: body, try standard(body, key: key)) == nil)
        }
    }

    @Test func `says what is missing`() async throws {
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            let headers = try standard(body).with(name, nil)
            #expect(await Desk(.plain).refusal(of: body, headers) == .missingHeader(name))
        }
        let headers = try standard(body).with("webhook-timestamp", "2026-01-01")
        guard case .malformed? = await Desk(.plain).refusal(of: body, headers) else {
            Issue.record("a date was taken for seconds")
            return
        }
    }
}
