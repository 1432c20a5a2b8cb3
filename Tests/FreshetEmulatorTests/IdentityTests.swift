import Testing

@testable import FreshetEmulator

@Suite struct IdentityTests {
    private static let powerBI = "https%3A%2F%2Fanalysis.windows.net%2Fpowerbi%2Fapi"
    private static let metadata = "/metadata/identity/oauth2/token?api-version=2018-02-01"

    private func get(_ fixture: Fixture, _ target: String, _ headers: [(String, String)] = []) -> Reply? {
        fixture.ask(Call("GET", target, headers: headers.map { (name: $0.0, value: $0.1) }))
    }

    @Test func `a virtual machine's identity gets a token with its numbers as strings`() throws {
        let fixture = Fixture()
        let target = "\(Self.metadata)&resource=\(Self.powerBI)"
        let body = try #require(get(fixture, target, [("Metadata", "true")])?.json)
        #expect(body["expires_in"] == "3599" && body["expires_on"] == "1790003600")
        #expect(body["resource"] == "https://analysis.windows.net/powerbi/api" && body["token_type"] == "Bearer")
        fixture.token = body["access_token"]?.string ?? ""
        #expect(fixture.ask("GET", "/v1.0/myorg/groups")?.status == 200)
    }

    @Test(arguments: [
        ("\(metadata)&resource=\(powerBI)", "metadata", "false", "Required metadata header not specified"),
        (metadata, "metadata", "true", "Required resource is missing"),
        ("\(metadata)&resource=\(powerBI)&client_id=nobody", "metadata", "true", "Identity not found"),
        ("/metadata/identity/oauth2/token?resource=\(powerBI)", "metadata", "true", "Required api-version"),
        ("\(metadata)&resource=https://example.com", "metadata", "true", "AADSTS500011"),
    ])
    func `a request that is not as it should be is 400`(target: String, name: String, value: String, says: String) {
        let reply = get(Fixture(), target, [(name, value)])
        #expect(reply?.status == 400)
        #expect(reply?.json?["error_description"]?.string?.hasPrefix(says) == true)
    }

    @Test func `an identity that is not there yet and a throttled one are scripted`() {
        let fixture = Fixture()
        for status in [404, 429] {
            fixture.script(["status": .int(status)], kind: "identity")
        }
        let target = "\(Self.metadata)&resource=\(Self.powerBI)"
        let statuses = (0..<3).map { _ in get(fixture, target, [("Metadata", "true")])?.status }
        #expect(statuses == [404, 429, 200])
    }

    @Test func `App Service's identity wants its own header and version`() {
        let fixture = Fixture()
        let target = "/msi/token?api-version=2019-08-01&resource=\(Self.powerBI)"
        let header = ("X-IDENTITY-HEADER", EmulatorSeed().identityHeader)
        let reply = get(fixture, target, [header])
        #expect(reply?.status == 200 && reply?.json?["expires_on"] == "1790003600")
        #expect(reply?.json?["expires_in"] == nil)
        #expect(get(fixture, target)?.status == 401)
        #expect(get(fixture, target.replacing("2019-08-01", with: "2017-09-01"), [header])?.status == 400)
    }

    @Test func `a sign-in library finds the tenant's addresses where it asked`() {
        let path = "/3f7a4c0e-5b1d-4e6a-9c21-8d0f6b2e7a15/v2.0/.well-known/openid-configuration"
        var call = Call("GET", path, headers: [("host", "127.0.0.1:1")])
        call.isSecure = true
        let body = Fixture().ask(call)?.json
        #expect(body?["token_endpoint"] == .string("https://127.0.0.1:1" + Fixture.tokenPath))
        #expect(body?["issuer"] == "https://127.0.0.1:1/3f7a4c0e-5b1d-4e6a-9c21-8d0f6b2e7a15/v2.0")
        let instance = get(Fixture(), "/common/discovery/instance?api-version=1.1", [("host", "127.0.0.1:1")])
        #expect(instance?.json?["metadata"]?.elements?.first?["aliases"] == ["127.0.0.1:1"])
        #expect(get(Fixture(), "/nowhere/v2.0/.well-known/openid-configuration")?.status == 400)
    }
}
