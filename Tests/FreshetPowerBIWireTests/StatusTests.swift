import FreshetCore
import FreshetKit
import Testing

@testable import FreshetPowerBI

/// Each row of the service's status table, as it comes over a socket.
@Suite(.serialized) struct `The words of the service` {
    @Test(arguments: [
        ("Completed", "succeeded", "prepared accepted completed"),
        ("Failed", "failed remote_failed later", "prepared accepted failed"),
        ("Cancelled", "failed remote_cancelled later", "prepared accepted cancelled"),
        ("Disabled", "failed remote_disabled never", "prepared accepted failed"),
        ("TimedOut", "failed remote_timed_out later", "prepared accepted failed"),
    ])
    func `each end has its own outcome`(_ end: String, _ outcome: String, _ course: String) async throws {
        try await Service.run { service in
            try await service.fault("refresh_post", ["end": .text(end)])
            #expect(try await service.refresh().word == outcome)
            #expect(service.log.course == course)
            #expect(try await service.count("refresh_post") == 1)
        }
    }

    @Test(arguments: ["enhanced", "standard"])
    func `waits while a refresh is queued and while it runs`(_ kind: String) async throws {
        try await Service.run { service in
            try await service.control("models/Sales", ["start_delay": .number(0.4), "duration": .number(0.4)])
            if kind == "standard" { try await service.control("models/Sales", ["capacity": "shared"]) }
            let outcome = try await service.refresh(kind == "standard" ? ["capacity": "shared"] : [:])
            #expect(outcome.word == "succeeded")
            #expect(try await service.count("refresh") > 4)
        }
    }

    @Test func `an unknown word is watched until the deadline, and never taken for an end`() async throws {
        try await Service.run { service in
            try await service.fault("refresh_post", ["end": "Wonderful"])
            let outcome = try await service.refresh(timeout: .seconds(3))
            #expect(outcome.word == "failed timed_out later")
            #expect(outcome.failure?.details["anomalies"]?.list?.contains("unknown_word") == true)
        }
    }

    @Test func `the record of a refresh says what became of each table and attempt`() async throws {
        try await Service.run { service in
            try await service.fault("refresh_post", ["failing_attempts": 1, "duration": .number(0.05)])
            let outcome = try await service.refresh(["refresh": ["retry_count": 1]])
            let details = try #require(outcome.success?.details)
            #expect(details["attempts"] == 2)
            #expect(details["attempt_parts"]?.list?.first?["error"] != nil)
            #expect(details["attempt_parts"]?.list?.contains { $0["duration_s"]?.number != nil } == true)
            #expect(details["objects"]?.list?.contains { $0["table"] == "fct_sales" && $0["status"] != nil } == true)
            #expect(details["request_id"]?.text == outcome.success?.nonce)
        }
    }

    @Test func `the cause of a failure is told, with what to do`() async throws {
        try await Service.run { service in
            let error: JSONValue = ["code": "ModelRefreshFailed_CredentialsNotSpecified"]
            try await service.fault("refresh_post", ["end": "Failed", "error": error])
            let outcome = try await service.refresh()
            #expect(outcome.word == "failed credentials never")
            #expect(outcome.failure?.message.contains("enter the credentials") == true)
        }
    }
}
