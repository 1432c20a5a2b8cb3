import FreshetCore
import FreshetCrypto
import FreshetKit
import FreshetTesting

@testable import FreshetHooks

/// 2026-01-01T06:30:00Z.
let now = Timestamp(milliseconds: 1_767_249_000_000)

let secret = "3c1d5f0be8a94d7c9d1f6f2e7a8b4c5d"
let nextSecret = "a-secret-that-takes-its-place-soon"

/// HMAC-SHA-256 in hexadecimal digits.
func code(_ body: String, by key: String = secret) throws -> String {
    try Digest.hmac(Array(body.utf8), key: Array(key.utf8)).hexadecimal
}

/// The headers of Standard Webhooks for a body.
func standard(
    _ body: String,
    id: String = "msg_1",
    at time: Timestamp = now,
    key: String = secret
) throws -> HTTPHeaders {
    let seconds = String(time.milliseconds / 1000)
    let message = Array("\(id).\(seconds).\(body)".utf8)
    let signature = Base64.padded(try Digest.hmac(message, key: Array(key.utf8)))
    return [
        "content-type": "application/json", "webhook-id": id, "webhook-timestamp": seconds,
        "webhook-signature": "v1,\(signature)",
    ]
}

/// A desk with one hook, its secrets, and a network that answers from a script.
struct Desk {
    let clock = ManualClock(at: now)
    let transport: ScriptedTransport
    let hook: HookDefinition
    let desk: HookDesk

    init(
        _ kind: HookDefinition.Kind,
        secrets: [String] = ["${secret:env/ONE}"],
        topics: [String] = [],
        perMinute: Int = 60,
        variables: [String: String] = ["ONE": secret, "TWO": nextSecret],
        script: [ScriptedTransport.Step] = []
    ) {
        transport = ScriptedTransport(script)
        hook = HookDefinition(
            "h",
            kind,
            secrets: kind == .sns ? [] : secrets,
            topics: topics,
            perMinute: perMinute,
            origin: Origin(file: "freshet.yaml")
        )
        let redactor = Redactor()
        let surroundings = Surroundings(
            transport: transport,
            secrets: ProcessSecrets(root: "/", redactor: redactor) { variables[$0] },
            redactor: redactor,
            clock: clock,
            chance: { 0 },
            root: "/"
        )
        desk = HookDesk([hook], surroundings)
    }

    func take(_ body: String, _ headers: HTTPHeaders) async throws(HookRefusal) -> [HookDelivery] {
        try await desk.take(HookRequest(headers: headers, body: Array(body.utf8)), for: hook)
    }

    /// Why a request is not taken; `nil` when it is.
    func refusal(of body: String, _ headers: HTTPHeaders) async -> HookRefusal? {
        do throws(HookRefusal) {
            _ = try await take(body, headers)
            return nil
        } catch {
            return error
        }
    }
}

extension HTTPHeaders {
    func with(_ name: String, _ value: String?) -> HTTPHeaders {
        var headers = self
        headers[name] = value
        return headers
    }

    func adding(_ name: String, _ value: String) -> HTTPHeaders {
        var headers = self
        headers.append(name, value)
        return headers
    }
}
