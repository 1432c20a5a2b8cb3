import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetAccess

struct GateTests {
    let house = House()

    // MARK: Sessions

    @Test func `admits who is signed in, as they are`() async throws {
        try await house.add("ana", .operator)
        let session = try await house.enter("ana")
        let admission = try #require(await house.gate.admit(.page("GET", "/api/v1/board", session)).admission)
        #expect(admission.principal?.actor == Actor("user:ana"))
        #expect(admission.principal?.role == .operator)
        #expect(admission.principal?.method == .password)
        #expect(admission.csrfToken == session.csrfToken)
        #expect(admission.address == "127.0.0.1")
        #expect(admission.route.operation == "getBoard")
    }

    @Test func `ends a session that is not used, and one that is, in their times`() async throws {
        try await house.add("ana", .viewer)
        let idle = try await house.enter("ana")
        house.clock.advance(by: .seconds(12 * 3600 - 1))
        #expect(await house.gate.admit(.page("GET", "/api/v1/board", idle)).admission != nil)
        house.clock.advance(by: .seconds(12 * 3600 - 1))
        #expect(await house.gate.admit(.page("GET", "/api/v1/board", idle)).admission != nil, "it was used meanwhile")
        house.clock.advance(by: .seconds(12 * 3600))
        #expect(await house.gate.admit(.page("GET", "/api/v1/board", idle)).refusal == .unauthenticated(.expired))

        let busy = try await house.enter("ana")
        for _ in 0..<(7 * 24) {
            #expect(await house.gate.admit(.page("GET", "/api/v1/board", busy)).admission != nil)
            house.clock.advance(by: .seconds(3600))
        }
        #expect(await house.gate.admit(.page("GET", "/api/v1/board", busy)).refusal == .unauthenticated(.expired))
    }

    @Test func `writes a use down once a minute at most`() async throws {
        try await house.add("ana", .viewer)
        let session = try await house.enter("ana")
        func lastUse() async throws -> Timestamp? { try await house.store.session(digest: session.digest)?.lastUsedAt }
        house.clock.advance(by: .seconds(59))
        _ = await house.gate.admit(.page("GET", "/api/v1/board", session))
        #expect(try await lastUse() == start)
        house.clock.advance(by: .seconds(1))
        _ = await house.gate.admit(.page("GET", "/api/v1/board", session))
        #expect(try await lastUse() == start + .seconds(60))
    }

    @Test func `lets nobody go on whom an administrator stopped`() async throws {
        for name in ["ana", "bob", "eve"] { try await house.add(name, .admin) }
        var sessions: [String: SignedIn] = [:]
        for name in ["ana", "bob", "eve"] { sessions[name] = try await house.enter(name) }
        try await house.accounts.setDisabled(true, "ana", by: House.requester)
        try await house.accounts.setRole(.viewer, of: "bob", by: House.requester)
        try await house.accounts.signOut("eve", by: House.requester)
        for (name, session) in sessions {
            let answer = await house.gate.admit(.page("GET", "/api/v1/board", session))
            #expect(answer.status == 401, "\(name)")
        }
        let again = try await house.enter("bob")
        #expect(
            await house.gate.admit(.page("GET", "/api/v1/audit", again)).refusal
                == .forbidden(needs: .role(.admin), has: .viewer)
        )
    }

    @Test func `takes no cookie of another kind, another name, or two`() async throws {
        try await house.add("ana", .viewer)
        let session = try await house.enter("ana")
        let value = session.sentBack.dropFirst("freshet=".count)
        let token = try await house.token("ci", .viewer)
        for cookie in [
            "__Host-freshet=\(value)", "Freshet=\(value)", "freshet=\(token.text)", "freshet=\"\(value)\"", "freshet=",
            "freshet=\(value); freshet=\(value)", "freshet=\(value)x", "xfreshet=\(value)",
        ] {
            let request = AccessRequest.page("GET", "/api/v1/board", nil, ["Cookie": cookie])
            #expect(await house.gate.admit(request).status == 401, "\(cookie)")
        }
        let beside = AccessRequest.page("GET", "/api/v1/board", nil, ["Cookie": "a=b; \(session.sentBack); c=d"])
        #expect(await house.gate.admit(beside).admission != nil)
    }

    // MARK: Tokens

    @Test func `admits a token until it ends, is revoked, or stops with its user`() async throws {
        try await house.add("ana", .operator)
        try await house.add("root", .admin)
        let own = try await house.token("ana-cli", .admin, user: "ana")
        let machine = try await house.token("ci", .viewer)
        let board = "/api/v1/board"
        let admission = try #require(await house.gate.admit(.machine("GET", board, own)).admission)
        #expect(admission.principal?.role == .operator, "no more than its user")
        #expect(admission.principal?.actor == Actor("token:ana-cli"))
        try await house.accounts.setDisabled(true, "ana", by: House.requester)
        #expect(await house.gate.admit(.machine("GET", board, own)).refusal == .unauthenticated(.disabled))
        #expect(await house.gate.admit(.machine("GET", board, machine)).admission != nil)
        #expect(try await house.store.tokens().first { $0.name == "ci" }?.lastAddress == "192.0.2.8")
        house.clock.advance(by: .seconds(90 * 86_400))
        #expect(await house.gate.admit(.machine("GET", board, machine)).refusal == .unauthenticated(.expired))
        let next = try await house.token("next", .viewer)
        try await house.accounts.revoke("next", by: House.requester)
        #expect(await house.gate.admit(.machine("GET", board, next)).refusal == .unauthenticated(.revoked))
    }

    @Test func `takes what a request shows as a token for that alone`() async throws {
        try await house.add("ana", .admin)
        let session = try await house.enter("ana")
        for value in ["Bearer nonsense", "Bearer", "Basic YTpi", "", " ", "Bearer \(session.sentBack.dropFirst(8))"] {
            var request = AccessRequest.page("GET", "/api/v1/board", session)
            request.headers["Authorization"] = value
            #expect(await house.gate.admit(request).status == 401, "'\(value)' beside a good cookie")
        }
    }

    @Test func `needs no word of a browser for a token`() async throws {
        let token = try await house.token("ci", .operator)
        #expect(await house.gate.admit(.machine("POST", "/api/v1/runs", token)).admission != nil)
        var elsewhere = AccessRequest.machine("GET", "/metrics", token)
        elsewhere.headers["Host"] = "10.2.3.4:8640"
        #expect(await house.gate.admit(elsewhere).admission != nil)
    }

    // MARK: The socket

    @Test func `takes who opens the socket for the daemon's owner`() async throws {
        let admission = try #require(await house.gate.admit(.socket("POST", "/api/v1/session/links")).admission)
        #expect(admission.principal?.actor == House.owner)
        #expect(admission.address == nil)
        let named = await house.gate.admit(.socket("GET", "/api/v1/board", ["Freshet-Actor": "user:ana"]))
        #expect(named.admission?.principal?.actor == Actor("user:ana"))
        for strange in ["token:ci", "engine", "user:", "user:A B", "user:a\nb"] {
            let answer = await house.gate.admit(.socket("GET", "/api/v1/board", ["Freshet-Actor": strange]))
            #expect(answer.admission?.principal?.actor == House.owner, "\(strange)")
        }
    }

    @Test func `owes nothing to who names an actor over the network`() async throws {
        let request = AccessRequest.page("GET", "/api/v1/board", nil, ["Freshet-Actor": "user:root"])
        #expect(await house.gate.admit(request).status == 401)
    }

    @Test(arguments: ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "Origin", "Sec-Fetch-Site"])
    func `takes nobody for the owner whom a proxy passed on to the socket`(header: String) async throws {
        var request = AccessRequest.socket("GET", "/api/v1/board")
        request.headers[header] = "x"
        #expect(await house.gate.admit(request).status == 401)
    }

    // MARK: Browsers

    @Test func `refuses an effect that a page of another site asks for`() async throws {
        try await house.add("ana", .admin)
        let session = try await house.enter("ana")
        func status(_ changes: KeyValuePairs<String, String>) async -> Int {
            await house.gate.admit(.page("POST", "/api/v1/runs", session, changes)).status
        }
        #expect(await status([:]) == 200)
        #expect(await status(["Origin": ""]) == 200)
        #expect(await status(["Sec-Fetch-Site": ""]) == 200)
        #expect(await status(["Origin": "", "Sec-Fetch-Site": ""]) == 200, "the token is enough")
        for origin in [
            "https://evil.test", "null", "http://127.0.0.1:8641", "https://127.0.0.1:8640", "http://localhost:8640",
        ] {
            #expect(await status(["Origin": origin]) == 403, "\(origin)")
        }
        for site in ["cross-site", "same-site", "x"] {
            #expect(await status(["Sec-Fetch-Site": site]) == 403, "\(site)")
        }
        for token in ["", "x", session.csrfToken + "x", String(session.csrfToken.dropLast())] {
            #expect(await status(["X-CSRF-Token": token]) == 403, "\(token)")
        }
        #expect(await house.gate.admit(.page("GET", "/api/v1/runs", session, ["X-CSRF-Token": ""])).status == 200)
    }

    @Test func `binds the token to the session`() async throws {
        for name in ["ana", "eve"] { try await house.add(name, .admin) }
        let ana = try await house.enter("ana")
        let eve = try await house.enter("eve")
        #expect(ana.csrfToken != eve.csrfToken)
        let mixed = AccessRequest.page("POST", "/api/v1/runs", ana, ["X-CSRF-Token": eve.csrfToken])
        #expect(await house.gate.admit(mixed).status == 403)
    }

    @Test func `lets no other site sign a browser in`() async throws {
        let sign = "/api/v1/session"
        #expect(await house.gate.admit(.page("POST", sign)).status == 200)
        #expect(await house.gate.admit(.page("POST", sign, nil, ["Origin": "https://evil.test"])).status == 403)
        #expect(await house.gate.admit(.page("POST", sign, nil, ["Sec-Fetch-Site": "cross-site"])).status == 403)
    }

    @Test func `goes by its own names only, so that no other name leads here`() async throws {
        try await house.add("ana", .admin)
        let session = try await house.enter("ana")
        for host in [
            "evil.test:8640", "127.0.0.1.evil.test", "2130706433:8640", "[::ffff:127.0.0.1]:8640",
            "localhost.evil.test:8640", "localhost:x",
        ] {
            let answer = await house.gate.admit(.page("GET", "/api/v1/session", session, ["Host": host]))
            #expect(answer.refusal == .unknownHost(host), "\(host)")
        }
        var nameless = AccessRequest.page("GET", "/login")
        nameless.headers["Host"] = nil
        #expect(await house.gate.admit(nameless).status == 403)
        #expect(await house.gate.admit(.page("GET", "/healthz", nil, ["Host": "10.0.0.9:8640"])).status == 200)
        for tunnel in ["localhost:8640", "localhost:9000", "127.0.0.1", "[::1]:1"] {
            #expect(await house.gate.admit(.page("GET", "/login", nil, ["Host": tunnel])).status == 200, "\(tunnel)")
        }
        let through: KeyValuePairs = ["Host": "localhost:9000", "Origin": "http://localhost:9000"]
        #expect(await house.gate.admit(.page("POST", "/api/v1/runs", session, through)).status == 200)
        #expect(
            await house.gate.admit(.page("POST", "/api/v1/runs", session, ["Host": "localhost:9000"])).status == 403
        )
    }

    @Test(arguments: ["Authorization", "Host", "Origin", "Sec-Fetch-Site", "X-CSRF-Token"])
    func `refuses what is said twice`(header: String) async throws {
        var request = AccessRequest.page("GET", "/api/v1/session")
        request.headers.append(header, "a")
        request.headers.append(header.lowercased(), "b")
        #expect(await house.gate.admit(request).status == 400)
    }

    // MARK: What is kept

    @Test func `keeps what somebody known was refused to do, and nothing of strangers`() async throws {
        try await house.add("ana", .viewer)
        let session = try await house.enter("ana")
        let before = try await house.actions().count
        _ = await house.gate.admit(.page("POST", "/api/v1/runs"))
        _ = await house.gate.admit(.page("GET", "/api/v1/audit", session))
        #expect(try await house.actions().count == before)
        _ = await house.gate.admit(.page("POST", "/api/v1/runs/0190-ab/cancel", session))
        let row = try #require(try await house.store.audit(AuditQuery()).first)
        #expect(row.entry.action == "access.refused")
        #expect(row.entry.target == "POST /api/v1/runs/{run}/cancel")
        #expect(row.entry.outcome == .denied)
        #expect(row.actor == Actor("user:ana"))
        let after = try await house.actions().count
        for _ in 0..<10 { _ = await house.gate.admit(.page("POST", "/api/v1/runs/0190-ab/cancel", session)) }
        #expect(try await house.actions().count == after, "one a minute of each is enough")
        house.clock.advance(by: .seconds(60))
        _ = await house.gate.admit(.page("POST", "/api/v1/runs/0190-ab/cancel", session))
        #expect(try await house.actions().count == after + 1)
    }

    @Test func `keeps in the same way what a route refused`() async throws {
        let token = try await house.token("ci", .operator, assets: "group:sales")
        let request = AccessRequest.machine("POST", "/api/v1/pauses", token)
        let before = try await house.actions().count
        func note(_ request: AccessRequest) async {
            await house.gate.note("It reaches further.", request, by: Actor("token:ci"), .token, from: "192.0.2.8")
        }
        for _ in 0..<3 { await note(request) }
        await note(.machine("GET", "/api/v1/board", token))
        let rows = try await house.store.audit(AuditQuery())
        #expect(rows.count == before + 1)
        let expected = AuditEntry(
            "access.refused",
            target: "POST /api/v1/pauses",
            outcome: .denied,
            reason: "It reaches further.",
            method: .token,
            address: "192.0.2.8"
        )
        #expect(rows.first?.entry == expected && rows.first?.actor == Actor("token:ci"))
    }

    @Test func `admits nobody when the store does not answer`() async throws {
        let token = try await house.token("ci", .admin)
        let gate = AccessGate(
            store: SilentStore(),
            epoch: Epoch(1),
            clock: house.clock,
            table: .freshet(files: []),
            listener: House.loopback,
            owner: House.owner
        )
        let answer = await gate.admit(.machine("GET", "/api/v1/board", token))
        #expect(answer.status == 503)
        #expect(await gate.admit(.page("GET", "/healthz")).status == 200)
    }

    @Test func `says of an answer that goes on whether it may`() async throws {
        try await house.add("root", .admin)
        try await house.add("ana", .operator)
        let session = try await house.enter("ana")
        let token = try await house.token("ci", .viewer)
        let person = try #require(
            await house.gate.admit(.page("GET", "/api/v1/events/stream", session)).admission?.principal
        )
        let machine = try #require(
            await house.gate.admit(.machine("GET", "/api/v1/events/stream", token)).admission?.principal
        )
        let owner = try #require(await house.gate.admit(.socket("GET", "/api/v1/events/stream")).admission?.principal)
        for principal in [person, machine, owner] { #expect(await house.gate.stillStands(principal)) }
        try await house.accounts.setRole(.viewer, of: "ana", by: House.requester)
        try await house.accounts.revoke("ci", by: House.requester)
        for principal in [person, machine] { #expect(await !house.gate.stillStands(principal)) }
        #expect(await house.gate.stillStands(owner))
        let ingest = try await house.token("dbt", nil, sources: [])
        let poster = try #require(
            await house.gate.admit(.machine("POST", "/api/v1/events", ingest)).admission?.principal
        )
        #expect(await house.gate.stillStands(poster))
        try await house.accounts.revoke("dbt", by: House.requester)
        #expect(await !house.gate.stillStands(poster))
    }
}

struct RefusalWordsTests {
    @Test(arguments: [
        AccessRefusal.unauthenticated(nil), .unauthenticated(.disabled), .unauthenticated(.expired),
        .unauthenticated(.revoked), .unauthenticated(.unknown), .forbidden(needs: .role(.admin), has: .viewer),
        .forbidden(needs: .role(.viewer), has: nil), .forbidden(needs: .ingest, has: .viewer),
        .forbidden(needs: .badge, has: nil), .forbidden(needs: .socket, has: .admin), .outOfReach, .unknownPath,
        .wrongMethod(allowed: ["GET", "POST"]),
        .crossSite("a page asks"), .unknownHost("evil.test"), .malformed("x is there twice"),
        .unavailable("it is full"),
    ])
    func `are sentences with a status and a type`(refusal: AccessRefusal) {
        let words = refusal.words
        #expect((400...503).contains(words.status))
        #expect(words.detail.hasSuffix(".") && words.detail.first?.isUppercase == true, "\(words.detail)")
        #expect(!words.type.isEmpty && !words.title.isEmpty)
        #expect(!words.detail.contains("evil.test"), "what a stranger wrote is not repeated")
    }

    @Test func `tell a client what would do`() {
        #expect(AccessRefusal.wrongMethod(allowed: ["GET", "POST"]).words.headers["Allow"] == "GET, POST")
        #expect(AccessRefusal.wrongMethod(allowed: ["GET"]).words.type == "method_not_allowed")
        #expect(AccessRefusal.unauthenticated(nil).words.headers["WWW-Authenticate"] == "Bearer")
        #expect(
            AccessRefusal.forbidden(needs: .role(.operator), has: .viewer).words.detail
                == "This needs the role operator; you are viewer."
        )
    }
}
