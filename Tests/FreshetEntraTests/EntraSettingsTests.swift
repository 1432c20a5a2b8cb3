import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEntra

struct `How to sign in is stated exactly once` {
    private func mistake(
        _ fields: KeyValuePairs<String, Stated>,
        variables: [String: String] = [:]
    ) -> Diagnostic? {
        var scene = Scene()
        scene.secrets = TableSecrets(variables: variables)
        do throws(Diagnostic) {
            _ = try EntraAccess(from: settings(fields), in: scene.surroundings)
            return nil
        } catch {
            return error
        }
    }

    @Test func `none is a mistake, at the place of the whole`() {
        let mistake = mistake(["tenant_id": "t", "client_id": "c"])
        #expect(mistake?.message == "how to sign in is not stated")
        #expect(mistake?.origin.description == "freshet.yaml:1:3")
        #expect(mistake?.hint?.contains("managed_identity") == true)
    }

    @Test func `a second is a mistake, at its own place`() {
        let ways = ["client_secret", "certificate", "federated_token_file", "access_token", "managed_identity"]
        for first in ways {
            for second in ways where first != second {
                let fields = settings(["tenant_id": "t", "client_id": "c"]).value.entries
                let more = [entry(first, "x", line: 7), entry(second, "x", line: 8)]
                let all = Settings(ConfigValue(.object(fields + more), at: Origin(file: "freshet.yaml")))
                let error = #expect(throws: Diagnostic.self) { try EntraAccess(from: all, in: Scene().surroundings) }
                #expect(error?.message.contains("'\(first)'") == true)
                #expect(error?.message.contains("'\(second)'") == true)
                #expect(error?.origin.line == 8)
                #expect(error?.origin.column == 5)
            }
        }
    }

    @Test(arguments: ["client_secret", "certificate", "federated_token_file"])
    func `an application needs its ids`(way: String) {
        let origin = Origin(file: "f")
        func missing(_ names: [String]) -> String? {
            let entries = (names + [way]).map { entry($0, "x") }
            let all = Settings(ConfigValue(.object(entries), at: origin))
            return #expect(throws: Diagnostic.self) { try EntraAccess(from: all, in: Scene().surroundings) }?.message
        }
        #expect(missing(["client_id"]) == "'tenant_id' is required to sign in by '\(way)'")
        #expect(missing(["tenant_id"]) == "'client_id' is required to sign in by '\(way)'")
    }

    @Test func `a managed identity and a given token need none`() {
        #expect(mistake(["managed_identity": "system"]) == nil)
        #expect(mistake(["access_token": "${secret:env/T}"]) == nil)
        #expect(mistake([:], variables: ["AZURE_FEDERATED_TOKEN_FILE": "/t"])?.message.contains("tenant_id") == true)
    }

    @Test func `what belongs to another way is a mistake`() {
        #expect(mistake(["managed_identity": "system", "client_id": "c"])?.hint?.contains("{client_id: ...}") == true)
        let locked = mistake(["tenant_id": "t", "client_id": "c", "client_secret": "s", "certificate_password": "p"])
        #expect(locked?.message.contains("belongs to 'certificate'") == true)
        #expect(locked?.origin.line == 5)
        let endpoint = mistake(["access_token": "t", "identity_endpoint": "http://127.0.0.1"])
        #expect(endpoint?.message.contains("belongs to 'managed_identity'") == true)
    }

    @Test func `a managed identity is one`() {
        #expect(mistake(["managed_identity": .object([:])])?.message == "'managed_identity' has to name one identity")
        let two = mistake(["managed_identity": .object(["client_id": "a", "object_id": "b"])])
        #expect(two?.message == "'managed_identity' has to name one identity")
        #expect(two?.origin.line == 21)
    }

    @Test func `a key in plain text is refused, and not shown`() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----"
        let mistake = mistake(["tenant_id": "t", "client_id": "c", "certificate": .text(pem)])
        #expect(mistake?.message == "'certificate' holds a private key in plain text")
        #expect(mistake?.description.contains("MII") == false)
    }

    @Test(arguments: ["common", "Organizations", "consumers"]) func `a tenant is one's own`(tenant: String) {
        let mistake = mistake(["tenant_id": .text(tenant), "client_id": "c", "client_secret": "s"])
        #expect(mistake?.message.contains("own id or domain") == true)
        #expect(mistake?.origin.line == 2)
    }

    @Test(arguments: [
        ("public", "https://login.microsoftonline.com"), ("us_gov", "https://login.microsoftonline.com"),
        ("us_gov_high", "https://login.microsoftonline.us"), ("us_gov_dod", "https://login.microsoftonline.us"),
        ("china", "https://login.chinacloudapi.cn"),
    ])
    func `a cloud says where to sign in, unless that is stated`(cloud: String, authority: String) async throws {
        for stated in [nil, "https://login.test/"] {
            let scene = Scene()
            scene.grant()
            let tokens =
                if let stated {
                    try scene.tokens([
                        "tenant_id": "t", "client_id": "c", "client_secret": "s", "cloud": .text(cloud),
                        "authority_url": .text(stated),
                    ])
                } else {
                    try scene.tokens([
                        "tenant_id": "t", "client_id": "c", "client_secret": "s", "cloud": .text(cloud),
                    ])
                }
            _ = try await tokens.get()
            let expected = stated == nil ? authority : "https://login.test"
            #expect(scene.transport.requests.first?.url == expected + "/t/oauth2/v2.0/token")
        }
    }
}
