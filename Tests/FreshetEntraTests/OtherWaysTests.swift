import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEntra

struct `Signing in by the token of another issuer` {
    @Test func `reads its file at each request, although everyone may`() async throws {
        var scene = Scene()
        scene.root = try temporaryFolder()
        let path = scene.root + "/token"
        let tokens = try scene.tokens(["tenant_id": "t", "client_id": "c", "federated_token_file": .text(path)])
        for text in ["first.jwt.text\n", "second.jwt.text"] {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            scene.grant()
            await tokens.drop(try await tokens.get())
        }
        #expect(scene.forms.map { $0["client_assertion"] } == ["first.jwt.text", "second.jwt.text"])
        #expect(scene.forms.first?["client_assertion_type"]?.hasSuffix("jwt-bearer") == true)
        #expect(scene.redactor.redact("first.jwt.text") == "[redacted]")
    }

    @Test func `takes everything from the cluster's variables where nothing is stated`() async throws {
        var scene = Scene()
        let path = try temporaryFolder() + "/token"
        try "jwt.of.cluster".write(toFile: path, atomically: true, encoding: .utf8)
        scene.secrets = TableSecrets(
            variables: [
                "AZURE_FEDERATED_TOKEN_FILE": path, "AZURE_CLIENT_ID": "their-app", "AZURE_TENANT_ID": "their-tenant",
                "AZURE_AUTHORITY_HOST": "https://login.cluster.test/",
            ]
        )
        scene.grant()
        _ = try await scene.tokens([:]).get()
        #expect(scene.transport.requests.first?.url == "https://login.cluster.test/their-tenant/oauth2/v2.0/token")
        #expect(scene.forms.first?["client_id"] == "their-app")
        #expect(scene.forms.first?["client_assertion"] == "jwt.of.cluster")
    }
}

struct `Signing in as a managed identity` {
    private static let granted =
        #"{"access_token":"machine-token","expires_in":"3599","expires_on":"1767229199","token_type":"Bearer"}"#

    private func get(_ identity: Stated, _ scene: Scene) async throws -> HTTPRequest {
        scene.transport.append(.expect("GET", "/", status: 200, body: Self.granted))
        #expect(try await scene.tokens(["managed_identity": identity]).get() == "machine-token")
        return try #require(scene.transport.requests.last)
    }

    @Test func `asks the machine without a proxy, for a resource without its suffix`() async throws {
        let request = try await get("system", Scene())
        let resource = "https%3A%2F%2Fresource.test%2Fapi"
        #expect(
            request.url
                == "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=\(resource)"
        )
        #expect(request.headers["Metadata"] == "true")
        #expect(request.isDirect)
    }

    @Test(arguments: [("client_id", "client_id"), ("object_id", "object_id"), ("resource_id", "msi_res_id")])
    func `names one of several identities`(field: String, parameter: String) async throws {
        let request = try await get(.object([field: "a/b"]), Scene())
        #expect(request.url.hasSuffix("&\(parameter)=a%2Fb"))
    }

    @Test func `asks App Service where it says, with its key`() async throws {
        var scene = Scene()
        let endpoint = "http://127.0.0.1:41741/msi/token"
        scene.secrets = TableSecrets(variables: ["IDENTITY_ENDPOINT": endpoint, "IDENTITY_HEADER": "key-of-app"])
        let request = try await get(.object(["object_id": "o"]), scene)
        #expect(request.url.hasPrefix(endpoint + "?api-version=2019-08-01&resource="))
        #expect(request.url.hasSuffix("&principal_id=o"))
        #expect(request.headers["X-IDENTITY-HEADER"] == "key-of-app")
        #expect(request.headers["Metadata"] == nil)
        #expect(scene.redactor.redact("key-of-app") == "[redacted]")
    }

    @Test func `reads numbers that are texts, and an end that is absolute`() async throws {
        for body in [Self.granted, #"{"access_token":"machine-token","expires_on":"1767229199"}"#] {
            let scene = Scene()
            scene.transport.append(.expect("GET", "/", status: 200, body: body))
            let tokens = try scene.tokens(["managed_identity": "system"])
            _ = try await tokens.get()
            scene.clock.advance(.seconds(2879))
            #expect(try await tokens.get() == "machine-token")
            #expect(scene.transport.requests.count == 1)
        }
    }

    @Test(arguments: [404, 410, 429, 500, 503]) func `asks again later while it is busy`(status: Int) async throws {
        let scene = Scene()
        for _ in 0..<2 { scene.transport.append(.expect("GET", "/", status: status, body: "{}")) }
        _ = try await get("system", scene)
        #expect(scene.transport.requests.count == 3)
        #expect(scene.clock.elapsed == .seconds(3))
    }

    @Test func `gives up after five answers`() async throws {
        let scene = Scene()
        let body = #"{"error":"not_found","error_description":"no identity\r\nmore"}"#
        scene.transport.append(.expect("GET", "/", status: 404, body: body, isRepeated: true))
        let tokens = try scene.tokens(["managed_identity": "system"])
        let error = await #expect(throws: EntraError.self) { try await tokens.get() }
        #expect(scene.transport.requests.count == 5)
        #expect(error?.description == "sign-in refused: no identity (status 404)")
    }

    @Test func `does not ask again what is refused`() async throws {
        let scene = Scene()
        let body = #"{"error":"invalid_request","error_description":"Identity not found"}"#
        scene.transport.append(.expect("GET", "/", status: 400, body: body, isRepeated: true))
        let tokens = try scene.tokens(["managed_identity": "system"])
        await #expect(throws: EntraError.self) { try await tokens.get() }
        #expect(scene.transport.requests.count == 1)
    }

    @Test func `says that nothing answers here`() async throws {
        let scene = Scene()
        let refused = HTTPError(.cannotConnect, mayHaveArrived: false, message: "connection refused")
        scene.transport.append(.expect("GET", "/", answer: .failure(refused)))
        let tokens = try scene.tokens(["managed_identity": "system"])
        let error = await #expect(throws: EntraError.self) { try await tokens.get() }
        #expect(error == .noIdentity(refused))
        #expect(error?.isTransient == true)
    }
}

struct `Using a token that was given` {
    private func token(endsAt end: Int) -> String {
        "e30." + Base64URL.encode(Array(#"{"exp":\#(end)}"#.utf8)) + ".c2ln"
    }
    private let start = Int(LeapingClock.start.seconds)

    @Test func `sends nothing, and hides it`() async throws {
        let scene = Scene()
        let text = token(endsAt: start + 3600)
        #expect(try await scene.tokens(["access_token": .text(text)]).get() == text)
        #expect(scene.transport.requests.isEmpty)
        #expect(scene.redactor.redact(text) == "[redacted]")
    }

    @Test func `says that it has expired, and when`() async throws {
        let tokens = try Scene().tokens(["access_token": .text(token(endsAt: start - 60))])
        let error = await #expect(throws: EntraError.self) { try await tokens.get() }
        #expect(error == .givenTokenExpired(at: LeapingClock.start - .seconds(60)))
        #expect(error?.description.contains("expired at 2025-12-31T23:59:00Z") == true)
        #expect(error?.isTransient == false)
    }

    @Test func `reads it again where it is kept before it says so`() async throws {
        var scene = Scene()
        let fresh = token(endsAt: start + 3600)
        scene.secrets = TableSecrets(["${secret:keys/t}": token(endsAt: start)], later: ["${secret:keys/t}": fresh])
        #expect(try await scene.tokens(["access_token": "${secret:keys/t}"]).get() == fresh)
    }

    @Test func `takes one that cannot be read as it is, and reads it again every few minutes`() async throws {
        var scene = Scene()
        scene.secrets = TableSecrets(["${secret:keys/t}": "opaque-1"], later: ["${secret:keys/t}": "opaque-2"])
        let tokens = try scene.tokens(["access_token": "${secret:keys/t}"])
        #expect(try await tokens.get() == "opaque-1")
        await scene.secrets.forget("${secret:keys/t}")
        #expect(try await tokens.get() == "opaque-1")
        scene.clock.advance(.seconds(300))
        #expect(try await tokens.get() == "opaque-2")
    }
}
