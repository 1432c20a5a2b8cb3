import FreshetCore
import FreshetCrypto
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetAccess

struct SignInTests {
    let house = House()

    @Test func `begins a session with the right password alone`() async throws {
        try await house.add("ana", .viewer)
        let session = try await house.enter("ANA")
        #expect(session.user == "ana")
        #expect(session.endsAt == start + .seconds(12 * 3600))
        for wrong in ["", "ein esel liest nie", House.password + " ", String(repeating: "x", count: 5000)] {
            #expect(try await house.signIn.withPassword(wrong, user: "ana", House.visitor) == .wrong)
        }
    }

    @Test func `says the same to who is not there, has no password, or is disabled`() async throws {
        try await house.add("root", .admin)
        try await house.add("ana", .viewer)
        try await house.accounts.add("bob", title: nil, role: .viewer, password: nil, by: House.requester)
        try await house.accounts.setDisabled(true, "ana", by: House.requester)
        for name in ["ana", "bob", "eve", "", "Not a name", String(repeating: "a", count: 500)] {
            let answer = try await house.signIn.withPassword(House.password, user: name, House.visitor)
            #expect(answer == .wrong, "\(name)")
            #expect(answer.words == SignInAnswer.wrong.words)
        }
        let reasons = try await house.store.audit(AuditQuery(action: "session")).map(\.entry)
        #expect(reasons.reversed().prefix(3).map(\.reason) == ["disabled", "wrong password", "no such user"])
        #expect(reasons.map(\.target).prefix(2) == [nil, nil], "what may be a password in the wrong field is not kept")
        #expect(reasons.allSatisfy { $0.outcome == .denied && $0.address == "192.0.2.7" })
    }

    @Test func `keeps nothing that one could sign in with`() async throws {
        try await house.add("ana", .viewer)
        let session = try await house.enter("ana")
        let token = try await house.token("ci", .viewer)
        let link = try await house.signIn.link(
            for: Principal(actor: House.owner, title: "", method: .socket, role: .admin)
        )
        let secret = String(session.sentBack.dropFirst("freshet=".count))
        let kept = [
            "\(try await house.store.users())", "\(try await house.store.sessions(of: "ana"))",
            "\(try await house.store.tokens())", "\(try await house.store.audit(AuditQuery(limit: 100)))",
            "\(String(describing: try await house.store.link(digest: link.credential.digest)))",
        ].joined()
        #expect(kept.contains("ana") && kept.contains("LinkRecord"))
        for canary in [House.password, secret, token.text, link.credential.text, session.csrfToken] {
            #expect(!kept.contains(canary), "\(canary)")
        }
    }

    @Test func `gives a new id at each sign-in, and ends the browser's former session`() async throws {
        try await house.add("ana", .viewer)
        let first = try await house.enter("ana")
        var visitor = House.visitor
        visitor.session = first.digest
        let second = try await house.enter("ana", visitor)
        #expect(first.cookie != second.cookie)
        #expect(await house.gate.admit(.page("GET", "/api/v1/board", first)).status == 401)
        #expect(await house.gate.admit(.page("GET", "/api/v1/board", second)).status == 200)
    }

    @Test func `slows guesses, and says for how long`() async throws {
        try await house.add("ana", .viewer)
        for _ in 0..<5 { #expect(try await house.signIn.withPassword("wrong", user: "ana", House.visitor) == .wrong) }
        let answer = try await house.signIn.withPassword(House.password, user: "ana", House.visitor)
        #expect(answer == .wait(.seconds(5)))
        #expect(answer.words?.status == 429)
        #expect(answer.words?.headers["Retry-After"] == "5")
        house.clock.advance(by: .seconds(5))
        _ = try await house.enter("ana")
    }

    @Test func `hashes a password anew when its cost is no longer ours`() async throws {
        try await house.add("ana", .viewer)
        let old = try await house.store.user("ana")?.passwordHash
        // What the house makes is cheaper than what is ours at present, and so is outdated at each sign-in.
        let session = try await house.enter("ana")
        let new = try await house.store.user("ana")?.passwordHash
        #expect(old != new && new != nil)
        #expect(try await house.store.session(digest: session.digest) != nil)
        _ = try await house.enter("ana")
    }

    @Test func `marks the cookie for this host alone where there is TLS`() async throws {
        try await house.add("ana", .viewer)
        let plain = try await house.enter("ana")
        #expect(plain.cookie.hasPrefix("freshet=frs_"))
        #expect(plain.cookie.hasSuffix("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"))
        var visitor = House.visitor
        visitor.isSecure = true
        let secure = try await house.enter("ana", visitor)
        #expect(secure.cookie.hasPrefix("__Host-freshet=frs_"))
        #expect(secure.cookie.hasSuffix("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure"))
        #expect(SessionCookie.clearing(isSecure: true).hasPrefix("__Host-freshet=; Path=/; Max-Age=0;"))
    }

    @Test func `takes the cookie of TLS over TLS only`() async throws {
        let listener = Listener(address: ListenAddress("127.0.0.1:8640")!, externalURL: "https://freshet.test")
        let proxied = House(listener)
        try await proxied.add("ana", .viewer)
        var visitor = House.visitor
        visitor.isSecure = true
        let session = try await proxied.enter("ana", visitor)
        let outside = AccessRequest.page("GET", "/api/v1/board", session, ["Host": "freshet.test"])
        #expect(await proxied.gate.admit(outside).admission?.isSecure == true)
        #expect(await proxied.gate.admit(.page("GET", "/api/v1/board", session)).status == 401)
        let value = session.sentBack.dropFirst("__Host-freshet=".count)
        let planted = AccessRequest.page(
            "GET",
            "/api/v1/board",
            nil,
            ["Host": "freshet.test", "Cookie": "freshet=\(value)"]
        )
        #expect(await proxied.gate.admit(planted).status == 401)
    }

    @Test func `signs out`() async throws {
        try await house.add("ana", .viewer)
        let session = try await house.enter("ana")
        let principal = try #require(
            await house.gate.admit(.page("GET", "/api/v1/board", session)).admission?.principal
        )
        try await house.signIn.signOut(principal, from: nil)
        #expect(await house.gate.admit(.page("GET", "/api/v1/board", session)).refusal == .unauthenticated(.revoked))
        #expect(try await house.actions().first == "session.logout")
    }

    // MARK: Links

    private var owner: Principal { Principal(actor: House.owner, title: "root", method: .socket, role: .admin) }

    @Test func `opens once with a link, as who runs the daemon`() async throws {
        let link = try await house.signIn.link(for: owner)
        #expect(link.endsAt == start + .seconds(300))
        guard case .signedIn(let session) = try await house.signIn.withLink(link.credential.text, House.visitor) else {
            Issue.record("the link does not open")
            return
        }
        let admission = try #require(await house.gate.admit(.page("GET", "/api/v1/audit", session)).admission)
        #expect(admission.principal?.role == .admin)
        #expect(admission.principal?.method == .link)
        #expect(try await house.signIn.withLink(link.credential.text, House.visitor) == .wrong)
        #expect(await house.gate.admit(.page("POST", "/api/v1/session/links", session)).status == 403)
    }

    @Test func `opens with no link that is late, unknown, or something else`() async throws {
        let link = try await house.signIn.link(for: owner)
        house.clock.advance(by: .seconds(300))
        #expect(try await house.signIn.withLink(link.credential.text, House.visitor) == .wrong)
        let strange = try Credential.make(.link, .system).text
        let token = try await house.token("ci", .admin).text
        for text in ["", strange, token, "x"] {
            #expect(try await house.signIn.withLink(text, House.visitor) == .wrong, "\(text)")
        }
    }

    @Test func `opens a link for one of two who come at once`() async throws {
        let link = try await house.signIn.link(for: owner)
        let answers = try await withThrowingTaskGroup(of: SignInAnswer.self) { [house] group in
            for _ in 0..<10 {
                group.addTask {
                    try await house.signIn.withLink(
                        link.credential.text,
                        SignIn.Visitor(address: nil, agent: nil, session: nil, isSecure: false)
                    )
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.filter { if case .signedIn = $0 { true } else { false } }.count == 1)
        #expect(answers.filter { $0 == .wrong }.count == 9)
    }

    @Test func `signs nobody in where the machine has no chance or the store no answer`() async throws {
        let broken = SignIn(
            store: house.store,
            epoch: Epoch(1),
            clock: house.clock,
            entropy: .none,
            bench: house.bench
        )
        try await house.add("ana", .viewer)
        await #expect(throws: AccessFault.crypto(CryptoError(what: "random bytes"))) {
            try await broken.withPassword(House.password, user: "ana", House.visitor)
        }
        let silent = SignIn(
            store: SilentStore(),
            epoch: Epoch(1),
            clock: house.clock,
            entropy: house.entropy,
            bench: house.bench
        )
        await #expect(throws: AccessFault.self) {
            try await silent.withPassword(House.password, user: "ana", House.visitor)
        }
    }
}
