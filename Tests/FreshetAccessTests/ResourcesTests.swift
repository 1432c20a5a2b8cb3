import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetAccess

struct ResourcesTests {
    let house = House()

    private var resources: AccessResources { resources(oidc: nil, house) }

    private func resources(oidc: OIDCClient?, _ house: House) -> AccessResources {
        AccessResources(
            signIn: house.signIn,
            accounts: house.accounts,
            oidc: oidc,
            clock: house.clock,
            listener: house.listener,
            facts: .init(
                project: "retail",
                environment: "prod",
                environmentColor: "green",
                mode: "act",
                version: "1.0",
                timeZone: "Europe/Berlin"
            ),
            origin: { "http://127.0.0.1:8640" }
        )
    }

    /// Through the gate, as a request comes.
    private func ask(_ request: AccessRequest, _ body: JSONValue? = nil, type: String = "application/json") async
        -> AccessReply
    {
        var request = request
        if body != nil { request.headers["Content-Type"] = type }
        switch await house.gate.admit(request) {
        case .refused(let refusal): return AccessReply(refusal.words, target: request.target)
        case .admitted(let admission):
            let bytes = body.map { Array($0.serialized().utf8) } ?? []
            return await resources.answer(AccessQuestion(request, admission, body: bytes))
        }
    }

    private func signedIn(_ reply: AccessReply) throws -> SignedIn {
        let cookie = try #require(reply.headers["Set-Cookie"])
        let token = try #require(reply.document?["csrf_token"]?.text)
        return SignedIn(user: "", cookie: cookie, csrfToken: token, endsAt: start, digest: "")
    }

    @Test func `tells strangers how one signs in, and nothing else`() async throws {
        let document = try #require(await ask(.page("GET", "/api/v1/session")).document)
        #expect(document["authenticated"] == false)
        #expect(document["methods"] == ["link", "password"])
        for name in [
            "user", "name", "role", "csrf_token", "expires_at", "project", "environment", "mode", "version", "timezone",
        ] {
            #expect(document[name] == .null, "\(name)")
        }
    }

    @Test func `signs in, says who it is, and signs out`() async throws {
        try await house.accounts.add(
            "ana",
            title: "Ana Brandt",
            role: .operator,
            password: House.password,
            by: House.requester
        )
        let body: JSONValue = ["method": "password", "user": "ana", "password": .text(House.password)]
        let reply = await ask(.page("POST", "/api/v1/session"), body)
        #expect(reply.status == 200)
        #expect(reply.headers["Cache-Control"] == "no-store")
        let session = try signedIn(reply)
        let document = try #require(await ask(.page("GET", "/api/v1/session", session)).document)
        #expect(document["user"] == "ana" && document["name"] == "Ana Brandt" && document["role"] == "operator")
        #expect(document["csrf_token"]?.text == session.csrfToken)
        #expect(document["expires_at"] == "2026-01-01T12:00:00Z")
        #expect(document["project"] == "retail" && document["insecure"] == false)
        let out = await ask(.page("DELETE", "/api/v1/session", session))
        #expect(out.status == 204)
        #expect(out.headers["Set-Cookie"]?.contains("Max-Age=0") == true)
        #expect(await ask(.page("GET", "/api/v1/session", session)).document?["authenticated"] == false)
    }

    @Test(
        arguments: [
            (["method": "password", "user": "ana", "password": "wrong"], 401, "unauthenticated"),
            (["method": "password", "user": "ana"], 400, "bad_request"),
            (["method": "telepathy"], 400, "bad_request"), (["method": "link", "token": "x"], 401, "unauthenticated"),
            (["method": "password", "user": 1, "password": "x"], 400, "bad_request"), ([], 400, "bad_request"),
            (["method": "password", "user": "ana", "password": "x", "role": "admin"], 400, "bad_request"),
        ] as [(JSONValue, Int, String)]
    )
    func `says no in one form`(body: JSONValue, status: Int, type: String) async throws {
        let reply = await ask(.page("POST", "/api/v1/session"), body)
        #expect(reply.status == status)
        #expect(reply.document?["type"]?.text == "urn:freshet:problem:\(type)")
        #expect(reply.document?["instance"] == "/api/v1/session")
        #expect(reply.headers["Content-Type"] == "application/problem+json")
        #expect(reply.headers["Set-Cookie"] == nil)
    }

    @Test func `takes JSON that says that it is JSON`() async throws {
        let body: JSONValue = ["method": "password", "user": "ana", "password": "x"]
        for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"] {
            #expect(await ask(.page("POST", "/api/v1/session"), body, type: type).status == 415, "\(type)")
        }
        #expect(
            await ask(.page("POST", "/api/v1/session"), body, type: "Application/JSON; charset=utf-8").status == 401
        )
    }

    @Test func `gives a link that opens the pages once`() async throws {
        let reply = await ask(.socket("POST", "/api/v1/session/links"))
        #expect(reply.status == 201)
        let url = try #require(reply.document?["url"]?.text)
        #expect(url.hasPrefix("http://127.0.0.1:8640/login#token=frl_"))
        let token = String(url.drop { $0 != "=" }.dropFirst())
        let body: JSONValue = ["method": "link", "token": .text(token)]
        let session = try signedIn(await ask(.page("POST", "/api/v1/session"), body))
        #expect(await ask(.page("GET", "/api/v1/users", session)).status == 200)
        #expect(await ask(.page("POST", "/api/v1/session"), body).status == 401)
        #expect(await ask(.page("POST", "/api/v1/session/links", session)).status == 403)
    }

    @Test func `administrates users from the first to the last`() async throws {
        func effect(_ path: String, _ body: JSONValue? = nil) async -> Int {
            await ask(.socket("POST", "/api/v1/users\(path)"), body).status
        }
        let ana: JSONValue = ["name": "ana", "role": "admin", "password": .text(House.password)]
        #expect(await effect("", ana) == 201)
        #expect(await effect("", ana) == 409)
        #expect(await effect("", ["name": "bob", "role": "boss"]) == 400)
        #expect(await effect("", ["name": "bob", "role": "viewer", "title": "Bob", "password": .null]) == 201)
        #expect(await effect("/bob/role", ["role": "operator"]) == 204)
        #expect(await effect("/bob/role", ["role": .null]) == 400)
        #expect(await effect("/eve/role", ["role": "viewer"]) == 404)
        #expect(await effect("/bob/password", ["password": "short"]) == 422)
        #expect(await effect("/bob/password", ["password": .text(House.password)]) == 204)
        _ = try await house.enter("bob")
        let sessions = await ask(.socket("GET", "/api/v1/users/bob/sessions")).document?["sessions"]?.list
        #expect(sessions?.first?["agent"] == "Browser/1")
        #expect(await effect("/bob/sign-out") == 204)
        #expect(await effect("/bob/disable") == 204)
        #expect(await effect("/ana/disable") == 409)
        #expect(await effect("/bob/enable") == 204)
        let users = try #require(await ask(.socket("GET", "/api/v1/users")).document?["users"]?.list)
        #expect(users.compactMap { $0["name"]?.text } == ["ana", "bob"])
        #expect(users.last?["signs_in"] == "password" && users.last?["disabled_at"] == .null)
        #expect(!"\(users)".contains("scrypt"))
    }

    @Test func `makes tokens, shows them once, and ends them`() async throws {
        let body: JSONValue = ["name": "ci", "role": "operator", "sources": ["dbt"], "expires_in_seconds": 3600]
        let reply = await ask(.socket("POST", "/api/v1/tokens"), body)
        #expect(reply.status == 201)
        let text = try #require(reply.document?["token"]?.text)
        let token = try #require(Credential(text))
        #expect(reply.document?["expires_at"] == "2026-01-01T01:00:00Z")
        #expect(await house.gate.admit(.machine("POST", "/api/v1/runs", token)).status == 200)
        let listed = try #require(await ask(.socket("GET", "/api/v1/tokens")).document)
        #expect(listed["tokens"]?.list?.first?["status"] == "live")
        #expect(!listed.serialized().contains(text))
        #expect(await ask(.socket("POST", "/api/v1/tokens/ci/revoke")).status == 204)
        #expect(await ask(.socket("POST", "/api/v1/tokens/ci/revoke")).status == 404)
        #expect(await house.gate.admit(.machine("POST", "/api/v1/runs", token)).status == 401)
        for bad: JSONValue in [
            ["name": "x"], ["name": "x", "role": "viewer", "expires_in_seconds": 1], ["name": "x", "sources": [1]],
        ] {
            #expect(await ask(.socket("POST", "/api/v1/tokens"), bad).status == 400)
        }
    }

    @Test func `gives the addresses of badges with their link, once`() async throws {
        let body: JSONValue = ["name": "wiki", "badge": true, "assets": "powerbi/retail/*"]
        let reply = await ask(.socket("POST", "/api/v1/tokens"), body)
        #expect(reply.status == 201)
        let text = try #require(reply.document?["token"]?.text)
        let site = "http://127.0.0.1:8640/badges/powerbi:retail:"
        let links = reply.document?["links"]?.list?.compactMap { $0.text } ?? []
        #expect(links == ["\(site)sales.svg?token=\(text)", "\(site)stock.svg?token=\(text)"])
        #expect(reply.document?["badge"] == true && reply.document?["role"] == .null)
        let listed = try #require(await ask(.socket("GET", "/api/v1/tokens")).document)
        #expect(!listed.serialized().contains(text) && listed["tokens"]?.list?.first?["badge"] == true)

        let house = House(Listener(address: ListenAddress("127.0.0.1:8640")!, externalURL: "https://freshet.test/"))
        let request = AccessRequest.socket("POST", "/api/v1/tokens", ["Content-Type": "application/json"])
        let admission = try #require(await house.gate.admit(request).admission)
        let bytes = Array(#"{"name":"wiki","badge":true,"assets":"group:sales"}"#.utf8)
        let other = await resources(oidc: nil, house).answer(AccessQuestion(request, admission, body: bytes))
        let link = try #require(other.document?["links"]?.list?.first?.text)
        #expect(link.hasPrefix("https://freshet.test/badges/powerbi:retail:sales.svg?token=frb_"))
    }

    @Test func `lets people change their own password`() async throws {
        try await house.add("ana", .viewer)
        let session = try await house.enter("ana")
        let wrong: JSONValue = ["password": "x", "new_password": "ein Igel singt leise"]
        #expect(await ask(.page("POST", "/api/v1/session/password", session), wrong).status == 403)
        let right: JSONValue = ["password": .text(House.password), "new_password": "ein Igel singt leise"]
        #expect(await ask(.page("POST", "/api/v1/session/password", session), right).status == 204)
    }

    @Test func `goes to the provider and back`() async throws {
        let journey = Journey()
        let resources = resources(oidc: journey.client(), journey.house)
        func ask(_ target: String, _ cookie: String?) async throws -> AccessReply {
            let request = AccessRequest.page("GET", target, nil, ["Host": "freshet.test", "Cookie": cookie ?? ""])
            let admission = try #require(await journey.house.gate.admit(request).admission)
            return await resources.answer(AccessQuestion(request, admission, body: []))
        }
        let there = try await ask("/api/v1/session/oidc?next=%2Fruns", nil)
        #expect(there.status == 303)
        let url = try #require(there.headers["Location"])
        let fields = try #require(QueryText.fields(of: url.split(separator: "?")[1]))
        let now = start.milliseconds / 1000
        journey.provider.change { script in
            script.claims["nonce"] = .text(fields["nonce"]!)
            script.claims["iat"] = .integer(now)
            script.claims["exp"] = .integer(now + 60)
        }
        let cookie = try #require(there.headers["Set-Cookie"]).prefix { $0 != ";" }
        let back = try await ask("/api/v1/session/oidc/callback?code=c&state=\(fields["state"]!)", String(cookie))
        #expect(back.status == 303 && back.headers["Location"] == "/runs")
        #expect(back.headers["Set-Cookie"]?.hasPrefix("__Host-freshet=frs_") == true)
        let again = try await ask("/api/v1/session/oidc/callback?code=c&state=\(fields["state"]!)", String(cookie))
        #expect(again.headers["Location"] == "/login?problem=begin_again")
        #expect(again.headers["Set-Cookie"] == nil)
    }

    @Test func `has no way to a provider that is not there`() async throws {
        #expect(await ask(.page("GET", "/api/v1/session/oidc")).status == 404)
        #expect(await ask(.page("GET", "/api/v1/session/oidc/callback?code=c")).status == 404)
    }
}
