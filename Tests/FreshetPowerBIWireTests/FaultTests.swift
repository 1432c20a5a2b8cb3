import FreshetCore
import FreshetEmulator
import FreshetKit
import Synchronization
import Testing

@testable import FreshetPowerBI

/// What goes wrong on the way, through real sockets.
@Suite(.serialized) struct `Faults on the wire` {
    @Test(arguments: [
        ("3392", 3392.0), ("99999999999999999999", 86_400), ("Wed, 01 Jan 2070 00:00:00 GMT", 86_400),
    ])
    func `a throttled request is put off by what was asked, at most a day`(
        _ header: String,
        _ wait: Double
    ) async throws {
        try await Service.run { service in
            let began = SystemClock().now
            try await service.fault("refresh_post", ["status": 429, "headers": ["Retry-After": .text(header)]])
            let outcome = try await service.refresh()
            #expect(outcome.word == "failed throttled later")
            let notBefore = try #require(outcome.failure?.notBefore)
            // The answer came between the two moments, however slow the machine is; dates are whole seconds.
            let bounds = (wait - 1)...((SystemClock().now - began).inSeconds + wait + 1)
            #expect(bounds.contains((notBefore - began).inSeconds))
            #expect(try await service.count("refresh_post") == 1)
        }
    }

    @Test func `throttling before the request parks it too`() async throws {
        try await Service.run { service in
            try await service.fault("refresh_get", ["status": 429, "headers": ["Retry-After": "3392"]])
            let outcome = try await service.refresh()
            #expect(outcome.word == "failed throttled later")
            #expect(outcome.failure?.notBefore != nil)
            #expect(try await service.count("refresh_post") == 0)
        }
    }

    @Test(
        arguments: [
            ["status": 500, "effect": true], ["status": 502, "effect": true], ["status": 503, "effect": true],
            ["status": 504, "effect": true], ["drop": "after"],
            ["status": 202, "effect": true, "truncate": true, "body": "0123456789"], ["html": true, "effect": true],
        ] as [JSONValue]
    )
    func `a request whose answer is lost is found in history, and not sent again`(_ fault: JSONValue) async throws {
        try await Service.run { service in
            try await service.fault("refresh_post", fault)
            let outcome = try await service.refresh()
            #expect(outcome.success?.details["adopted"] == true)
            #expect(service.log.course == "prepared ambiguous accepted completed")
            #expect(try await service.count("refresh_post") == 1)
        }
    }

    @Test(arguments: [["drop": "before"], ["lose": true]] as [JSONValue])
    func `a request that came to nothing is proved so before another attempt`(_ fault: JSONValue) async throws {
        try await Service.run { service in
            try await service.fault("refresh_post", fault)
            let isLost = fault["lose"] != nil
            let outcome = try await service.refresh()
            // A request that was taken and dropped has an id that is never seen.
            #expect(outcome.word == (isLost ? "failed lost_remote later" : "failed not_found now"))
            #expect(try await service.count("refresh_post") == 1)
        }
    }

    @Test(arguments: [
        "<html>sign in</html>", "", "null", "[]", "{\"status\":", "\u{FEFF}{\"status\":\"Unknown\"}",
        #"{"status":"Failed","status":"Completed","endTime":"2026-01-01T00:00:00"}"#,
        #"{"status":"Completed","Status":"Failed"}"#, #"{"status":"Completed","numberOfAttempts":NaN}"#,
        #"{"status":42}"#, #"{"status":"Finished"}"#,
        #"{"status":"Completed","x":"# + String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000)
            + "}",
    ])
    func `a body that cannot be trusted is no information`(_ body: String) async throws {
        try await Service.run { service in
            // The refresh fails in the end, so that whoever believes the body is found out.
            try await service.fault("refresh_post", ["end": "Failed"])
            try await service.fault("refresh_details", ["status": 200, "body": .text(body)], times: 3)
            #expect(try await service.refresh().word == "failed remote_failed later")
            #expect(try await service.count("refresh_details") > 3)
        }
    }

    @Test func `numbers as texts and a byte order mark are read`() async throws {
        try await Service.run { service in
            let body = "\u{FEFF}" + #"{"Status":"Completed","refreshAttempts":[{"attemptId":"3"}]}"#
            try await service.fault("refresh_details", ["status": 200, "body": .text(body)])
            let outcome = try await service.refresh()
            #expect(outcome.success?.details["attempts"] == 3)
        }
    }

    @Test(
        arguments: [
            ["Location": "https://elsewhere.test/refreshes/11111111-1111-1111-1111-111111111111"], [:],
            ["Location": "/"],
        ] as [JSONValue]
    )
    func `an answer that names no refresh of ours is looked up in history`(_ headers: JSONValue) async throws {
        try await Service.run { service in
            try await service.fault("refresh_post", ["status": 202, "effect": true, "headers": headers])
            let outcome = try await service.refresh()
            #expect(outcome.success?.details["adopted"] == true)
            #expect(try await service.count("refresh_post") == 1)
        }
    }

    @Test func `an id that was given before is none`() async throws {
        try await Service.run { service in
            let first = try #require(try await service.refresh().success?.nonce)
            let headers: JSONValue = ["x-ms-request-id": .text(first)]
            try await service.fault("refresh_post", ["status": 202, "effect": true, "headers": headers])
            let kind = try service.sales()
            let outcome = await kind.materialize(service.step(try service.connection(), attempt: 2))
            #expect(outcome.success?.nonce != first)
            #expect(outcome.success?.details["anomalies"] == ["request_id_reused"])
        }
    }

    @Test func `a refresh that vanishes is lost, not done`() async throws {
        try await Service.run { service in
            try await service.control("models/Sales", ["duration": 60])
            service.when("in progress") { try await service.control("models/Sales", ["forget_refreshes": true]) }
            #expect(try await service.refresh().word == "failed lost_remote later")
        }
    }

    @Test(arguments: [
        ("forbidden", "failed credentials never"), ("unauthorized", "failed credentials never"),
        ("not_found", "failed configuration never"),
    ])
    func `what is taken away while it is watched has a name`(_ access: String, _ end: String) async throws {
        try await Service.run { service in
            try await service.control("models/Sales", ["duration": 60])
            service.when("in progress") { try await service.control("workspaces/Retail", ["access": .text(access)]) }
            let outcome = try await service.refresh()
            #expect(outcome.word == end)
            #expect(service.log.course.hasSuffix("lost"))
        }
    }

    @Test func `a paused capacity is watched until the deadline`() async throws {
        try await Service.run { service in
            try await service.control("models/Sales", ["duration": 60])
            service.when("in progress") { try await service.control("models/Sales", ["paused": true]) }
            let outcome = try await service.refresh(timeout: .seconds(2))
            #expect(outcome.word == "failed timed_out later")
        }
    }

    @Test(arguments: [403, 401]) func `a token that ends in the middle is renewed`(_ status: Int64) async throws {
        try await Service.run { service in
            try await service.control("models/Sales", ["duration": .number(0.3)])
            try await service.control("tenant", ["expired_token_status": .integer(status)])
            service.when("in progress") { try await service.control("tenant", ["tokens": "expire"]) }
            #expect(try await service.refresh().word == "succeeded")
            #expect(try await service.count("token") == 2)
        }
    }

    @Test func `a secret that is rotated in the middle costs no refresh`() async throws {
        try await Service.run { service in
            try await service.control("models/Sales", ["duration": .number(0.8)])
            service.when("in progress") {
                // It is asked for again after five seconds, longer than a missing refresh is tolerated for.
                try await service.fault("token", ["status": 401, "body": ["error": "invalid_client"]], times: 1)
                try await service.control("tenant", ["tokens": "expire"])
            }
            #expect(try await service.refresh().word == "succeeded")
            #expect(try await service.count("token") == 3)
        }
    }

    @Test(arguments: ["wait", "adopt"]) func `a refresh that slips in before ours is waited for`(_ policy: String)
        async throws
    {
        try await Service.run { service in
            service.when("asking for") {
                try await service.control(
                    "models/Sales",
                    ["inject": ["refresh_type": "Scheduled", "duration": 30]]
                )
            }
            let outcome = try await service.refresh(["on_conflict": .text(policy)])
            let end = "failed foreign_refresh_running " + (policy == "adopt" ? "now" : "later")
            #expect(outcome.word == end)
            #expect(service.log.course == "prepared rejected")
        }
    }

    @Test func `asks for nothing when told to skip for somebody else`() async throws {
        try await Service.run { service in
            try await service.control("models/Sales", ["inject": ["refresh_type": "OnDemand", "duration": 30]])
            #expect(try await service.refresh(["on_conflict": "skip"]).word == "held foreign_refresh_running")
            #expect(try await service.count("refresh_post") == 0)
        }
    }

    @Test func `nothing is asked for when the eight of the day are used up`() async throws {
        try await Service.run { service in
            try await service.control("models/Sales", ["capacity": "shared"])
            for hours in 1...8 {
                let inject: JSONValue = ["duration": 1, "started_ago": .integer(Int64(hours * 3600))]
                try await service.control("models/Sales", ["inject": inject])
            }
            #expect(try await service.refresh(["capacity": "shared"]).word == "held quota_exhausted")
            #expect(try await service.count("refresh_post") == 0)
            let evidence = service.log.entries.withLock { $0.last?.event.evidence }
            #expect(evidence?["refreshes_in_24_hours"] == 8)
            #expect(evidence?["free_at"]?.text != nil)
        }
    }

    @Test func `a completed refresh by others stands for ours, and is told apart`() async throws {
        try await Service.run { service in
            try await service.control("models/Sales", ["inject": ["duration": 1, "started_ago": 300]])
            let changed = SystemClock().now - .seconds(900)
            let step = service.step(try service.connection(), causes: [.neverMaterialized], changedAt: changed)
            let outcome = await (try service.sales(["on_conflict": "adopt"])).materialize(step)
            #expect(outcome.success?.details["refreshed_externally"] == true)
            #expect(outcome.success?.details["refresh_source"] == "Scheduled")
            #expect(try await service.count("refresh_post") == 0)

            let forced = service.step(try service.connection(), attempt: 2, changedAt: changed)
            #expect(await (try service.sales(["on_conflict": "adopt"])).materialize(forced).word == "succeeded")
            #expect(try await service.count("refresh_post") == 1)
        }
    }

    @Test(arguments: ["http://no-such-host.invalid", "http://127.0.0.1:1", "https://"])
    func `a service that cannot be reached is a reason, and a request never sent`(_ address: String) async throws {
        try await Service.run { service in
            // The last speaks TLS to a port that does not.
            let url = address == "https://" ? service.ready.powerbiURL.replacing("http:", with: "https:") : address
            let outcome = await (try service.sales()).materialize(
                service.step(try service.connection(["api_url": url]))
            )
            #expect(outcome.word == "failed unreachable later")
            #expect(service.log.course == "")
        }
    }
}
