import FreshetCore
import FreshetCrypto
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetAccess

struct OIDCTests {
    var journey = Journey()

    private func refusal(_ change: (inout Provider.Script) -> Void) async -> OIDCError? {
        journey.provider.change(change)
        do {
            _ = try await journey.walk()
            return nil
        } catch {
            return error as? OIDCError
        }
    }

    private func isUntrusted(_ error: OIDCError?) -> Bool { if case .untrusted = error { true } else { false } }

    // MARK: There

    @Test func `sends the browser with all that binds the answer to it`() async throws {
        let client = journey.client()
        let departure = try await client.begin(next: "/runs", isSecure: true)
        #expect(departure.url.hasPrefix("https://login.test/authorize?"))
        let fields = try #require(QueryText.fields(of: departure.url.split(separator: "?")[1]))
        #expect(fields["response_type"] == "code" && fields["client_id"] == "freshet")
        #expect(fields["redirect_uri"] == "https://freshet.test/api/v1/session/oidc/callback")
        #expect(fields["scope"] == "openid profile email")
        #expect(fields["code_challenge_method"] == "S256")
        let secrets = ["state", "nonce", "code_challenge"].compactMap { fields[$0] }
        #expect(secrets.count == 3 && Set(secrets).count == 3 && secrets.allSatisfy { $0.count == 43 })
        #expect(departure.cookie.hasPrefix("__Host-freshet-oidc="))
        #expect(departure.cookie.hasSuffix("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"))
        let cookie = departure.cookie.prefix { $0 != ";" }.drop { $0 != "=" }.dropFirst()
        #expect(!secrets.contains(String(cookie)))
    }

    @Test func `signs in who comes back, as their groups say`() async throws {
        let (answer, next) = try await journey.walk()
        guard case .signedIn(let session) = answer else {
            Issue.record("not signed in: \(answer)")
            return
        }
        #expect(next == "/runs?x=1")
        let request = AccessRequest.page("GET", "/api/v1/board", session, ["Host": "freshet.test"])
        let principal = try #require(await journey.house.gate.admit(request).admission?.principal)
        #expect(principal.actor == Actor("user:ana.brandt@example.test"))
        #expect(principal.title == "Ana Brandt")
        #expect(principal.role == .operator)
        #expect(principal.method == .oidc)
    }

    @Test func `shows the code, its verifier and the secret to the token endpoint alone`() async throws {
        let client = journey.client()
        let (query, cookie) = try await journey.leave(client)
        _ = try await journey.come(client, "code=the%2Bcode&state=\(query["state"]!)", cookie)
        let request = try #require(journey.provider.requests.first { $0.url.hasSuffix("/token") })
        let form = try #require(QueryText.fields(of: String(decoding: request.body ?? [], as: UTF8.self)))
        #expect(form["code"] == "the+code" && form["grant_type"] == "authorization_code")
        #expect(form["redirect_uri"] == journey.settings.redirectURI)
        #expect(form["client_secret"] == "client-secret-canary")
        let verifier = try #require(form["code_verifier"])
        #expect(try Base64.encode(Digest.sha256(Array(verifier.utf8))) == query["code_challenge"])
        for other in journey.provider.requests where !other.url.hasSuffix("/token") {
            #expect(other.body == nil && !other.url.contains(verifier))
        }
    }

    @Test func `shows the secret in a header where the provider wants it there`() async throws {
        journey.provider.change { $0.metadata["token_endpoint_auth_methods_supported"] = nil }
        _ = try await journey.walk()
        let request = try #require(journey.provider.requests.first { $0.url.hasSuffix("/token") })
        #expect(
            request.headers["Authorization"] == "Basic " + Base64.padded(Array("freshet:client-secret-canary".utf8))
        )
        #expect(!String(decoding: request.body ?? [], as: UTF8.self).contains("canary"))
    }

    @Test mutating func `needs no secret with PKCE`() async throws {
        journey.settings.clientSecret = nil
        let (answer, _) = try await journey.walk()
        guard case .signedIn = answer else {
            Issue.record("not signed in: \(answer)")
            return
        }
    }

    @Test func `knows the same person by another name, and with other groups`() async throws {
        _ = try await journey.walk()
        journey.provider.change { script in
            script.claims["preferred_username"] = "ana.meyer@example.test"
            script.claims["name"] = "Ana Meyer"
            script.claims["groups"] = ["boss"]
        }
        _ = try await journey.walk()
        let users = try await journey.house.store.users()
        #expect(users.map(\.name) == ["ana.brandt@example.test"])
        #expect(users.first?.title == "Ana Meyer" && users.first?.role == .admin)
    }

    @Test func `lets nobody take another's name`() async throws {
        try await journey.house.add("ana.brandt@example.test", .admin)
        let (answer, _) = try await journey.walk()
        #expect(answer == .taken("ana.brandt@example.test"))
        #expect(try await journey.house.store.sessions(of: "ana.brandt@example.test").isEmpty)
    }

    @Test func `keeps out who is disabled here`() async throws {
        _ = try await journey.walk()
        try await journey.house.accounts.setDisabled(true, "ana.brandt@example.test", by: House.requester)
        #expect(try await journey.walk().answer == .wrong)
    }

    // MARK: Back

    @Test func `takes an answer once, in its browser, in its time`() async throws {
        let client = journey.client()
        let (query, cookie) = try await journey.leave(client)
        let back = "code=c&state=\(query["state"]!)"
        func attempt(_ query: String, _ cookie: String) async -> OIDCError? {
            do throws(OIDCError) {
                _ = try await journey.come(client, query, cookie)
                return nil
            } catch {
                return error
            }
        }
        for (query, cookie) in [
            (back, ""), (back, cookie + "x"), (back, "__Host-freshet-oidc=x"), ("code=c", cookie),
            ("code=c&state=x", cookie),
            (back + "&state=x", cookie), (back.replacing("&", with: "&%zz&"), cookie), ("", cookie),
            (back, cookie.replacing("__Host-", with: "")),
        ] {
            #expect(await attempt(query, cookie) == .unknownLogin, "\(query) \(cookie)")
        }
        #expect(await attempt(back, cookie) == nil)
        #expect(await attempt(back, cookie) == .unknownLogin, "a second time")

        let (later, other) = try await journey.leave(client)
        journey.house.clock.advance(by: .seconds(600))
        #expect(await attempt("code=c&state=\(later["state"]!)", other) == .unknownLogin)
        #expect(
            try await journey.house.actions().filter { $0 == "session.login" }.count == 1,
            "strangers leave no trace"
        )
    }

    @Test func `goes to no other site afterwards`() async throws {
        for next in ["https://evil.test", "//evil.test", "/\\evil.test", "evil", "/a b", "/\r\nSet-Cookie: x", nil] {
            let client = journey.client()
            let (query, cookie) = try await journey.leave(client, next: next)
            #expect(try await journey.come(client, "code=c&state=\(query["state"]!)", cookie).next == "/")
        }
    }

    @Test func `believes one issuer, one audience, one sign-in, and the present`() async throws {
        let now = start.milliseconds / 1000
        let changes: [(String, JSONValue?)] = [
            ("iss", "https://login.test/tenant/v2.0/"), ("iss", "https://login.test/other/v2.0"), ("iss", nil),
            ("aud", "another"), ("aud", nil), ("aud", ["another"]), ("aud", ["freshet", "another"]), ("azp", "another"),
            ("exp", .integer(now - 60)), ("exp", nil), ("exp", "never"), ("iat", .integer(now + 61)), ("iat", nil),
            ("nbf", .integer(now + 61)), ("sub", nil), ("sub", ""), ("sub", .text(String(repeating: "x", count: 256))),
        ]
        for (name, value) in changes {
            let fresh = Journey()
            fresh.provider.change { $0.claims[name] = value }
            var found: OIDCError?
            do {
                let client = fresh.client()
                let (query, cookie) = try await fresh.leave(client)
                if value == nil { fresh.provider.change { $0.claims[name] = nil } }
                _ = try await fresh.come(client, "code=c&state=\(query["state"]!)", cookie)
            } catch {
                found = error as? OIDCError
            }
            #expect(isUntrusted(found), "\(name) = \(String(describing: value)): \(String(describing: found))")
        }
    }

    @Test func `refuses a token of another sign-in`() async throws {
        let client = journey.client()
        let (query, cookie) = try await journey.leave(client)
        journey.provider.change { $0.claims["nonce"] = "another" }
        await #expect(throws: OIDCError.untrusted("it belongs to another sign-in (nonce)")) {
            try await journey.come(client, "code=c&state=\(query["state"]!)", cookie)
        }
    }

    @Test func `allows for clocks that differ a little`() async throws {
        let now = start.milliseconds / 1000
        for (name, value) in [("exp", now - 59), ("iat", now + 59), ("nbf", now + 59)] {
            let fresh = Journey()
            fresh.provider.change { $0.claims[name] = .integer(value) }
            _ = try await fresh.walk()
        }
    }

    // MARK: Signatures

    @Test func `takes ES256 as well as RS256`() async throws {
        journey.provider.change { $0.signer = Provider.ec }
        _ = try await journey.walk()
    }

    @Test func `takes no other signature`() async throws {
        let stranger = ProviderKey("RS256", id: "rsa-1")
        #expect(isUntrusted(await refusal { $0.signer = stranger }), "another key under the same id")
        #expect(isUntrusted(await refusal { $0.signer = ProviderKey("RS256", id: "unknown") }), "an unknown key")
        #expect(
            isUntrusted(
                await refusal {
                    $0.signer = Provider.rsa; $0.header = ["alg": "none"]
                }
            )
        )
        #expect(isUntrusted(await refusal { $0.header = ["alg": "HS256"] }))
        #expect(isUntrusted(await refusal { $0.header = ["alg": "PS256"] }))
        #expect(
            isUntrusted(await refusal { $0.header = ["alg": "ES256", "kid": "ec-1"] }),
            "the key of another algorithm"
        )
        #expect(isUntrusted(await refusal { $0.header = ["crit": ["x"]] }))
        #expect(await refusal { $0.header = [:] } == nil)
    }

    @Test(arguments: ["", "a.b", "a.b.c", "e30.e30.", "e30.e30.AA", "e30=.e30.AA", "....", "bnVsbA.e30.AA"])
    func `takes nothing that is no token`(text: String) {
        #expect(throws: OIDCError.self) { try IDToken(text) }
    }

    @Test func `takes no weak key, and none that is for something else`() {
        #expect(PublicKey(ProviderKey("RS256", id: nil, bits: 1024).document) == nil)
        #expect(PublicKey(Provider.rsa.document) != nil && PublicKey(Provider.ec.document) != nil)
        for (name, value) in [("use", "enc"), ("kty", "oct"), ("alg", "RS512"), ("n", "%"), ("e", "")] {
            var members = Provider.rsa.document.object!
            members[name] = .text(value)
            #expect(PublicKey(.object(members)) == nil, "\(name) = \(value)")
        }
        for (name, value) in [("crv", "P-384"), ("x", "AA"), ("y", "")] {
            var members = Provider.ec.document.object!
            members[name] = .text(value)
            #expect(PublicKey(.object(members)) == nil, "\(name) = \(value)")
        }
    }

    @Test func `asks for keys that are new, though not at every forged token`() async throws {
        let client = journey.client()
        _ = try await journey.walk(client)
        _ = try await journey.walk(client)
        #expect(journey.provider.asked("/keys") == 1)
        let new = ProviderKey("RS256", id: "rsa-2")
        journey.provider.change { script in
            script.keys = [new]
            script.signer = new
        }
        for _ in 0..<3 { await #expect(throws: OIDCError.self) { try await journey.walk(client) } }
        #expect(journey.provider.asked("/keys") == 1, "within a minute of the last time")
        journey.house.clock.advance(by: .seconds(60))
        _ = try await journey.walk(client)
        #expect(journey.provider.asked("/keys") == 2)
        #expect(journey.provider.asked("openid-configuration") == 1)
    }

    // MARK: Who is let in

    @Test func `lets in who has a role, the highest of them`() throws {
        let rules = RoleRules(groups: [.viewer: ["all"], .operator: ["data"], .admin: ["boss"]])
        #expect(rules.role(in: ["all", "boss", "data"]) == .admin)
        #expect(rules.role(in: ["all"]) == .viewer)
        #expect(rules.role(in: ["none", "ALL"]) == nil)
        #expect(RoleRules(groups: [:], otherwise: .viewer).role(in: []) == .viewer)
    }

    @Test func `keeps out who has none`() async throws {
        #expect(await refusal { $0.claims["groups"] = ["all"] } == .noRole)
        #expect(await refusal { $0.claims["groups"] = nil } == .noRole)
        #expect(await refusal { $0.claims["groups"] = "data" } == nil, "one group as a text")
        #expect(try await journey.house.actions().filter { $0 == "session.login" }.count == 3)
    }

    @Test func `says when there are too many groups for a token`() async throws {
        let found = await refusal { script in
            script.claims["groups"] = nil
            script.claims["_claim_names"] = ["groups": "src1"]
        }
        #expect(found == .tooManyGroups)
        #expect(found?.description.contains("app roles") == true)
    }

    @Test func `falls back on a name that can be one here`() async throws {
        journey.provider.change { $0.claims["preferred_username"] = "Ana Brandt (extern)" }
        _ = try await journey.walk()
        #expect(try await journey.house.store.users().map(\.name) == ["subject-17"])
        #expect(
            await refusal { script in
                script.claims["sub"] = "Übermensch"
                script.claims["preferred_username"] = nil
            } == .unusableName
        )
    }

    // MARK: The provider

    @Test func `believes a discovery document only of its issuer, with addresses of TLS`() async throws {
        for (name, value) in [
            ("issuer", "https://evil.test"), ("issuer", ""), ("token_endpoint", "http://login.test/token"),
            ("jwks_uri", "file:///etc/passwd"), ("authorization_endpoint", "javascript:alert(1)"),
        ] {
            let fresh = Journey()
            fresh.provider.change { $0.metadata[name] = .text(value) }
            await #expect(throws: OIDCError.self, "\(name) = \(value)") {
                try await fresh.client().begin(next: nil, isSecure: true)
            }
        }
    }

    @Test func `does not ask a provider again at once that does not answer`() async throws {
        let client = journey.client()
        let metadata = "/.well-known/openid-configuration"
        journey.provider.change { $0.answers[metadata] = HTTPResponse(status: 502, body: []) }
        for _ in 0..<5 {
            await #expect(throws: OIDCError.denied("status 502 ")) {
                try await client.begin(next: nil, isSecure: true)
            }
        }
        #expect(journey.provider.asked(metadata) == 1)
        journey.provider.change { $0.answers = [:] }
        journey.house.clock.advance(by: .seconds(10))
        _ = try await journey.walk(client)
        #expect(journey.provider.asked(metadata) == 2)
    }

    @Test func `refuses an answer that another provider mixed in`() async throws {
        let client = journey.client()
        journey.provider.change { $0.metadata["authorization_response_iss_parameter_supported"] = true }
        for (addition, isFine) in [
            ("", false), ("&iss=https%3A%2F%2Fevil.test", false),
            ("&iss=https%3A%2F%2Flogin.test%2Ftenant%2Fv2.0", true),
        ] {
            let (query, cookie) = try await journey.leave(client)
            var found: OIDCError?
            do throws(OIDCError) {
                _ = try await journey.come(client, "code=c&state=\(query["state"]!)\(addition)", cookie)
            } catch {
                found = error
            }
            #expect((found == nil) == isFine, "\(addition)")
        }
    }

    @Test func `passes on the provider's words, without secrets and controls`() async throws {
        let client = journey.client()
        let (query, cookie) = try await journey.leave(client)
        let words = "error=access_denied&error_description=no%0Aclient-secret-canary"
        await #expect(throws: OIDCError.denied("access_denied: no [redacted]")) {
            try await journey.come(client, "\(words)&state=\(query["state"]!)", cookie)
        }
        let found = await refusal {
            $0.answers["/token"] = HTTPResponse(status: 400, body: Array(#"{"error":"invalid_grant"}"#.utf8))
        }
        #expect(found == .denied("status 400 invalid_grant"))
        #expect(
            await refusal { $0.answers["/token"] = HTTPResponse(status: 200, body: Array("<html>".utf8)) }?.code
                == "provider"
        )
    }

    @Test mutating func `says what is wrong with the settings`() {
        #expect(journey.settings.problems == [])
        journey.settings.issuer = "https://login.microsoftonline.com/common/v2.0"
        #expect(journey.settings.problems.count == 1)
        journey.settings.issuer = "http://login.test"
        journey.settings.clientID = ""
        journey.settings.redirectURI = "http://freshet.test/api/v1/session/oidc/callback"
        journey.settings.roles = RoleRules(groups: [.admin: []])
        #expect(journey.settings.problems.count == 4)
        journey.settings.issuer = "http://127.0.0.1:9000"
        #expect(journey.settings.problems.count == 3)
    }
}
