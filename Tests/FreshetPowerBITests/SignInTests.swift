import Foundation
import FreshetCore
import FreshetKit
import Synchronization
import Testing

@testable import FreshetEntra
@testable import FreshetPowerBI

@Suite struct SignInTests {
    private func tokens(_ bench: Bench) throws -> TokenCache { try bench.connection().client.tokens }

    @Test func `sends the secret form-encoded in the body, and nowhere else`() async throws {
        let recorder = Recorder()
        var surroundings = Bench("").surroundings
        surroundings.transport = recorder
        let connection = try PowerBIConnection(
            from: settings([
                ("tenant_id", .text("my tenant")), ("client_id", .text("app")),
                ("client_secret", .text("a+b&c=d e/é~")),
            ]),
            in: surroundings
        )
        _ = try await connection.client.tokens.get()
        let request = try #require(recorder.requests.withLock { $0.first })
        #expect(request.url == "https://login.microsoftonline.com/my%20tenant/oauth2/v2.0/token")
        #expect(request.headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(
            String(decoding: request.body ?? [], as: UTF8.self)
                == "client_id=app&client_secret=a%2Bb%26c%3Dd%20e%2F%C3%A9~&grant_type=client_credentials&scope=https%3A%2F%2Fanalysis.windows.net%2Fpowerbi%2Fapi%2F.default"
        )
    }

    @Test(arguments: [
        ("public", "https://api.powerbi.com", "analysis.windows.net"),
        ("us_gov", "https://api.powerbigov.us", "analysis.usgovcloudapi.net"),
        ("us_gov_high", "https://api.high.powerbigov.us", "high.analysis.usgovcloudapi.net"),
        ("us_gov_dod", "https://api.mil.powerbigov.us", "mil.analysis.usgovcloudapi.net"),
        ("china", "https://api.powerbi.cn", "analysis.chinacloudapi.cn"),
    ])
    func `a cloud sets every address that is not stated alone`(cloud: String, api: String, host: String) async throws {
        let recorder = Recorder()
        var surroundings = Bench("").surroundings
        surroundings.transport = recorder
        let fields: [(String, ConfigValue.Content)] = [
            ("tenant_id", .text("t")), ("client_id", .text("c")), ("client_secret", .text("s")),
            ("cloud", .text(cloud)),
        ]
        let connection = try PowerBIConnection(from: settings(fields), in: surroundings)
        _ = try await connection.client.tokens.get()
        #expect(connection.client.apiURL == api)
        let portal = api.replacing("https://api.", with: "https://app.")
        #expect(connection.pageAddress(of: "powerbi/w/m") == "\(portal)/groups/w/datasets/m/details")
        let body = String(decoding: recorder.requests.withLock { $0.first?.body ?? [] }, as: UTF8.self)
        #expect(body.hasSuffix("scope=https%3A%2F%2F\(host)%2Fpowerbi%2Fapi%2F.default"))
        let stated = try PowerBIConnection(
            from: settings(fields + [("api_url", .text("https://api.test")), ("scope", .text("https://r/.default"))]),
            in: surroundings
        )
        _ = try await stated.client.tokens.get()
        #expect(stated.client.apiURL == "https://api.test")
        #expect(stated.pageAddress(of: "powerbi/w/m") == nil)
        let other = String(decoding: recorder.requests.withLock { $0.last?.body ?? [] }, as: UTF8.self)
        #expect(other.hasSuffix("scope=https%3A%2F%2Fr%2F.default"))
    }

    @Test func `trusts the authorities of the connection, starting from the project's folder`() async throws {
        let recorder = Recorder()
        var surroundings = Bench("").surroundings
        surroundings.transport = recorder
        surroundings.root = "/project"
        for (text, path) in [("ca.pem", "/project/ca.pem"), ("/etc/ca.pem", "/etc/ca.pem")] {
            let connection = try PowerBIConnection(
                from: settings([
                    ("tenant_id", .text("t")), ("client_id", .text("app")), ("client_secret", .text("s")),
                    ("ca_file", .text(text)),
                ]),
                in: surroundings
            )
            _ = try await connection.client.tokens.get()
            #expect(recorder.requests.withLock { $0.last }?.caFile == path)
        }
    }

    @Test func `asks for one token however many callers wait`() async throws {
        let bench = Bench("")
        let tokens = try tokens(bench)
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await tokens.get() } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(texts == ["token-1"])
        #expect(bench.transport.tokenRequests == 1)
    }

    @Test(arguments: [(3599, 2879), (1000, 700), (600, 480), (100, 80)])
    func `renews a token in good time`(_ life: Int, _ renewal: Int) async throws {
        let token = Token(
            text: "t",
            obtainedAt: LeapingClock.start,
            expiresAt: LeapingClock.start + .seconds(life)
        )
        #expect((token.renewAt - LeapingClock.start).components.seconds == renewal)
    }

    @Test func `uses the old token while it is good when renewing fails`() async throws {
        let bench = Bench(
            """
            POST token => 200 {"access_token":"old-token","expires_in":"3599","expires_on":"1767229199"}
            POST token => drop
            POST token => drop
            """
        )
        let tokens = try tokens(bench)
        _ = try await tokens.get()
        try await bench.clock.sleep(until: LeapingClock.start + .seconds(3000))
        #expect(try await tokens.get() == "old-token")
        try await bench.clock.sleep(until: LeapingClock.start + .seconds(3600))
        await #expect(throws: EntraError.self) { try await tokens.get() }
    }

    @Test func `forgets a token that was dropped, but not a newer one`() async throws {
        let bench = Bench("")
        let tokens = try tokens(bench)
        let first = try await tokens.get()
        await tokens.drop(first)
        let second = try await tokens.get()
        await tokens.drop(first)
        #expect(try await tokens.get() == second)
        #expect(first != second)
    }

    @Test(arguments: [
        (70_011, "the scope is not valid"), (7_000_222, "the client secret has expired"),
        (7_000_215, "use the secret's value, not its id"), (700_016, "check client_id and tenant_id"),
        (90_002, "there is no such tenant"), (12_345, "Something else."),
    ])
    func `words a refusal by its number`(_ code: Int, _ words: String) async throws {
        let bench = Bench(
            """
            POST token => 400 {"error":"invalid","error_description":"AADSTS\(code): Something else. Trace ID: 1 Correlation ID: 2","error_codes":[\(code)]}
            """
        )
        let error = await #expect(throws: EntraError.self) { try await tokens(bench).get() }
        #expect(error?.description.contains(words) == true, "\(error.map(\.description) ?? "")")
        #expect(error?.description.contains("Trace ID") == false)
        #expect(error?.isTransient == false)
    }

    @Test(arguments: ["503 <html>", "drop", #"429 {"error":"temporarily_unavailable"}"#])
    func `calls a failure that may pass transient`(_ answer: String) async throws {
        let error = await #expect(throws: EntraError.self) {
            try await tokens(Bench("POST token => \(answer)")).get()
        }
        #expect(error?.isTransient == true)
    }
}

/// Keeps what is sent, and grants each sign-in.
private final class Recorder: HTTPTransport {
    let requests = Mutex<[HTTPRequest]>([])

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        requests.withLock { $0.append(request) }
        return HTTPResponse(status: 200, body: Array(#"{"access_token":"t","expires_in":60}"#.utf8))
    }
}
