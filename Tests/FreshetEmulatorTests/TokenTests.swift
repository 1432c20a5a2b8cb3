import Testing

@testable import FreshetEmulator

@Suite struct TokenTests {
    @Test(arguments: [
        ("client_secret", "wrong", 401, "invalid_client", 7_000_215),
        ("client_secret", "", 401, "invalid_client", 7_000_216),
        ("client_id", "nobody", 400, "unauthorized_client", 700_016),
        ("scope", "https://analysis.windows.net/powerbi/api", 400, "invalid_scope", 70011),
        ("scope", "https://example.com/.default", 400, "invalid_resource", 500_011),
        ("scope", "", 400, "invalid_request", 900_144),
        ("grant_type", "password", 400, "unsupported_grant_type", 70003),
    ])
    func `a bad request is refused by Entra's code`(
        field: String,
        value: String,
        status: Int,
        error: String,
        code: Int
    ) throws {
        let fixture = Fixture()
        var form = Fixture.grant
        form[field] = value
        let reply = try #require(fixture.ask("POST", Fixture.tokenPath, form: form))
        #expect(reply.status == status)
        #expect(reply.json?["error"]?.string == error)
        #expect(reply.json?["error_codes"] == [.int(code)])
        #expect(reply.json?["error_description"]?.string?.hasPrefix("AADSTS\(code): ") == true)
    }

    @Test func `an unknown tenant and the common one are refused`() {
        let fixture = Fixture()
        let unknown = fixture.ask("POST", "/nowhere/oauth2/v2.0/token", form: Fixture.grant)
        #expect(unknown?.status == 400 && unknown?.json?["error_codes"] == [90002])
        let common = fixture.ask("POST", "/common/oauth2/v2.0/token", form: Fixture.grant)
        #expect(common?.json?["error_codes"] == [50194])
    }

    @Test func `an expired secret is told apart from a wrong one`() {
        let fixture = Fixture()
        _ = fixture.ask("POST", "/_emulator/tenant", ["secret_expired": true])
        let reply = fixture.ask("POST", Fixture.tokenPath, form: Fixture.grant)
        #expect(reply?.status == 401 && reply?.json?["error_codes"] == [7_000_222])
    }

    @Test func `the older endpoint answers its numbers as strings`() {
        let fixture = Fixture()
        var form = Fixture.grant
        form["scope"] = nil
        form["resource"] = "https://analysis.windows.net/powerbi/api"
        let path = Fixture.tokenPath.replacing("/v2.0", with: "")
        let reply = fixture.ask("POST", path, form: form)
        #expect(reply?.json?["expires_in"] == "3599" && reply?.json?["expires_on"] == "1790003600")
    }

    @Test func `the credential may come by Basic`() {
        let fixture = Fixture()
        let pair = "b94d27f1-0c63-4a8e-8f52-6e1a9d3c7b40:emulator~Secret.Value-8Q"
        let header = (name: "Authorization", value: "Basic " + Base64.encoded(Array(pair.utf8)))
        let body = "grant_type=client_credentials&scope=https%3A%2F%2Fapi.fabric.microsoft.com%2F.default"
        let reply = fixture.ask(Call("POST", Fixture.tokenPath, headers: [header], body: Array(body.utf8)))
        #expect(reply?.status == 200)
    }

    @Test func `E10: an expired token is 403, or 401 when scripted, and an unknown one 401`() {
        let fixture = Fixture()
        fixture.wait(3_600)
        let expired = fixture.ask("GET", "/v1.0/myorg/groups")
        #expect(expired?.status == 403 && expired?.errorCode == "TokenExpired")
        _ = fixture.ask("POST", "/_emulator/tenant", ["expired_token_status": 401])
        #expect(fixture.ask("GET", "/v1.0/myorg/groups")?.status == 401)
        fixture.token = "unheard"
        let unknown = fixture.ask("GET", "/v1.0/myorg/groups")
        #expect(unknown?.status == 401 && unknown?.body.isEmpty == true)
    }

    @Test func `E10: a closed gate and a foreign workspace refuse in their own shapes`() {
        let fixture = Fixture()
        for (access, status) in [("forbidden", 403), ("unauthorized", 401), ("not_found", 404)] {
            _ = fixture.ask("POST", "/_emulator/workspaces/Retail", ["access": .string(access)])
            #expect(fixture.ask("GET", Fixture.sales)?.status == status)
        }
        _ = fixture.ask("POST", "/_emulator/tenant", ["service_principals_allowed": false])
        let gate = fixture.ask("GET", Fixture.sales)
        #expect(gate?.status == 403 && gate?.json == ["Message": "API is not accessible for application"])
    }
}
