import Testing

@testable import FreshetEmulator

@Suite struct KeyVaultTests {
    private let fixture = Fixture { $0.seed.secrets = ["warehouse": "first"] }

    private func signIn(for scope: String = "https://vault.azure.net/.default") {
        var form = Fixture.grant
        form["scope"] = scope
        fixture.token = fixture.ask("POST", Fixture.tokenPath, form: form)?.json?["access_token"]?.string ?? ""
    }

    private func get(_ path: String) -> Reply? { fixture.ask("GET", "/secrets/\(path)?api-version=7.4") }

    @Test func `the newest version of a secret is answered, or the one asked for`() throws {
        signIn()
        let first = try #require(get("warehouse")?.json)
        #expect(first["value"] == "first" && first["attributes"]?["enabled"] == true)
        let id = try #require(first["id"]?.string)
        #expect(id.hasPrefix("http://emulator/secrets/warehouse/"))
        let added = fixture.ask("POST", "/_emulator/secrets/Warehouse", ["value": "second"])
        #expect(added?.status == 201)
        #expect(get("warehouse")?.json?["value"] == "second")
        let version = id.split(separator: "/").last.map(String.init) ?? ""
        #expect(get("warehouse/\(version)")?.json?["value"] == "first")
    }

    @Test func `a token for Power BI is refused here, and one for the vault there`() {
        let wrong = get("warehouse")
        #expect(wrong?.status == 401)
        #expect(wrong?.json?["error"]?["message"]?.string?.hasPrefix("AKV10022: Invalid audience.") == true)
        signIn()
        #expect(fixture.ask("GET", "/v1.0/myorg/groups")?.status == 401)
    }

    @Test func `without a token the answer says where to get one`() {
        fixture.token = "unheard"
        let reply = get("warehouse")
        #expect(reply?.status == 401 && reply?.errorCode == "Unauthorized")
        #expect(reply?.header("WWW-Authenticate")?.contains("resource=\"https://vault.azure.net\"") == true)
    }

    @Test func `an expired token is refused`() {
        signIn()
        fixture.wait(3_600)
        #expect(get("warehouse")?.json?["error"]?["message"]?.string?.hasPrefix("[TokenExpired]") == true)
    }

    @Test func `what is not there, disabled or asked for without a version of the interface is refused`() {
        signIn()
        #expect(get("nothing")?.status == 404 && get("nothing")?.errorCode == "SecretNotFound")
        #expect(get("warehouse/00000000000000000000000000000000")?.status == 404)
        _ = fixture.ask("POST", "/_emulator/secrets/old", ["value": "x", "enabled": false])
        #expect(get("old")?.status == 403)
        #expect(fixture.ask("GET", "/secrets/warehouse")?.errorCode == "BadParameter")
    }

    @Test func `a bucket of that name is still a bucket for who signs for S3`() {
        let headers = [(name: "authorization", value: "AWS4-HMAC-SHA256 Credential=x")]
        let reply = fixture.ask(Call("GET", "/secrets/warehouse", headers: headers))
        let text = String(decoding: reply?.body ?? [], as: UTF8.self)
        #expect(text.contains("<Error>"))
    }

    @Test func `a kept state keeps the secrets, and who may sign in how`() {
        _ = fixture.ask("POST", "/_emulator/credentials", ["federated": [["issuer": "https://a", "subject": "b"]]])
        let successor = Fixture()
        successor.world.restore(fixture.world.saved(at: fixture.moment), at: successor.moment)
        #expect(successor.world.vault.version(nil, of: "warehouse")?.value == "first")
        #expect(successor.world.directory.federatedCredentials.map(\.subject) == ["b"])
    }

    @Test func `the ledger knows the request and not the token`() {
        signIn()
        _ = get("warehouse")
        let ledger = fixture.ask("GET", "/_emulator/ledger?kind=key_vault")?.json
        #expect(ledger?.elements?.count == 1)
        #expect(ledger?.text.contains(fixture.token) == false)
    }
}
