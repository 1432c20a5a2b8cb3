import FreshetKit
import Testing

@testable import FreshetHooks

@Suite struct `A hook of GitHub` {
    private let body = """
        {"ref":"refs/heads/main","before":"6113728f","after":"7fd1a60b","repository":{"full_name":"acme/dbt"},\
        "pusher":{"name":"ana"}}
        """

    private func headers(_ body: String, key: String = secret, event: String = "push") throws -> HTTPHeaders {
        [
            "Content-Type": "application/json", "User-Agent": "GitHub-Hookshot/044aadd", "X-GitHub-Event": event,
            "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "X-Hub-Signature-256": "sha256=" + (try code(body, by: key)),
        ]
    }

    @Test func `takes a push`() async throws {
        let deliveries = try await Desk(.github).take(body, headers(body))
        #expect(deliveries.map(\.id) == ["72d3162e-cc78-11e3-81ab-4c9367dc0958"])
        #expect(deliveries.map(\.type) == ["push"])
        #expect(deliveries.map(\.isNews) == [true])
    }

    /// The example of GitHub's own page about validating deliveries.
    @Test func `makes the signature of GitHub's documentation`() async throws {
        let desk = Desk(.github, variables: ["ONE": "It's a Secret to Everybody"])
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        let right = try headers("").with("X-Hub-Signature-256", signature)
        // It fits, and only then is what it belongs to read.
        #expect(await desk.refusal(of: "Hello, World!", right) == .malformed("the body is not JSON"))
        #expect(await desk.refusal(of: "Hello, World?", right) == .badSignature)
    }

    @Test func `names the action beside the event`() async throws {
        let body = #"{"action":"completed","workflow_run":{"conclusion":"success"}}"#
        let deliveries = try await Desk(.github).take(body, headers(body, event: "workflow_run"))
        #expect(deliveries.map(\.type) == ["workflow_run.completed"])
    }

    @Test func `takes a ping, and looks at nothing`() async throws {
        let body = #"{"zen":"Keep it logically awesome.","hook_id":1}"#
        let deliveries = try await Desk(.github).take(body, headers(body, event: "ping"))
        #expect(deliveries.map(\.isNews) == [false])
    }

    @Test func `knows a body again that is repeated under another id`() async throws {
        let desk = Desk(.github)
        let first = try await desk.take(body, headers(body))
        let second = try await desk.take(body, headers(body).with("X-GitHub-Delivery", "another"))
        #expect(first.map(\.key) == second.map(\.key))
        let other = body.replacing("7fd1a60b", with: "00000000")
        #expect(try await desk.take(other, headers(other)).map(\.key) != first.map(\.key))
    }

    @Test(arguments: ["sha256=", "sha256=00", "sha1=00", "", "sha256=zz"])
    func `refuses what is no signature`(signature: String) async throws {
        let headers = try headers(body).with("X-Hub-Signature-256", signature)
        let refusal = await Desk(.github).refusal(of: body, headers)
        #expect(refusal == .badSignature || refusal == .missingHeader("X-Hub-Signature-256"))
    }

    @Test func `refuses the signature of another secret, of another body, and none`() async throws {
        let desk = Desk(.github)
        #expect(await desk.refusal(of: body, try headers(body, key: nextSecret)) == .badSignature)
        #expect(await desk.refusal(of: body + " ", try headers(body)) == .badSignature)
        let none = try headers(body).with("X-Hub-Signature-256", nil)
        #expect(await desk.refusal(of: body, none) == .missingHeader("X-Hub-Signature-256"))
        let two = try headers(body).adding("x-hub-signature-256", "sha256=00")
        #expect(await desk.refusal(of: body, two) == .missingHeader("X-Hub-Signature-256"))
    }

    @Test func `says that it takes JSON only to who is known`() async throws {
        let form = "application/x-www-form-urlencoded"
        let headers = try headers(body).with("Content-Type", form)
        #expect(await Desk(.github).refusal(of: body, headers) == .unsupportedType(form))
        let wrong = headers.with("X-Hub-Signature-256", "sha256=00")
        #expect(await Desk(.github).refusal(of: body, wrong) == .badSignature)
    }
}
