import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetAccess

struct AccountsTests {
    let house = House()

    private func error(_ body: () async throws(AccountError) -> Void) async -> AccountError? {
        do throws(AccountError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func `adds a user once, with a name that can be told from others`() async throws {
        try await house.add("ana", .viewer)
        #expect(
            await error { () async throws(AccountError) in
                try await house.accounts.add("ana", title: nil, role: .admin, password: nil, by: House.requester)
            } == .userExists("ana")
        )
        for name in ["", "Ana", "a b", "ana/x", "-ana", "аna", String(repeating: "a", count: 65), "ana\n"] {
            let found = await error { () async throws(AccountError) in
                try await house.accounts.add(name, title: nil, role: .viewer, password: nil, by: House.requester)
            }
            #expect(found == .badName(name), "\(name)")
        }
        for name in ["ana.brandt@contoso.com", "7", "a+b_c-d"] { try await house.add(name, .viewer) }
    }

    @Test func `takes no password that is guessed first`() async throws {
        let found = await error { () async throws(AccountError) in
            try await house.accounts.add(
                "ana",
                title: nil,
                role: .viewer,
                password: "password1234",
                by: House.requester
            )
        }
        #expect(found?.words.status == 422)
        #expect(try await house.store.users().isEmpty)
    }

    @Test func `names the nearest where a name is wrong`() async throws {
        try await house.add("ana", .viewer)
        let found = await error { () async throws(AccountError) in
            try await house.accounts.setRole(.admin, of: "anna", by: House.requester)
        }
        #expect(found == .unknownUser("anna", nearest: "ana"))
        #expect(found?.words.nearest == "ana")
    }

    @Test func `keeps the last administrator`() async throws {
        try await house.add("ana", .admin)
        let found = await error { () async throws(AccountError) in
            try await house.accounts.setDisabled(true, "ana", by: House.requester)
        }
        #expect(found == .lastAdmin("ana"))
        #expect(found?.words.status == 409)
    }

    @Test func `changes one's own password for who knows the present one`() async throws {
        try await house.add("ana", .viewer)
        let here = try await house.enter("ana")
        let there = try await house.enter("ana")
        let principal = try #require(await house.gate.admit(.page("GET", "/api/v1/board", here)).admission?.principal)
        let new = "ein Igel singt leise"
        #expect(
            await error { () async throws(AccountError) in
                try await house.accounts.changePassword(from: "wrong", to: new, of: principal, address: nil)
            } == .wrongPassword
        )
        try await house.accounts.changePassword(from: House.password, to: new, of: principal, address: nil)
        #expect(await house.gate.admit(.page("GET", "/api/v1/board", here)).status == 200)
        #expect(await house.gate.admit(.page("GET", "/api/v1/board", there)).status == 401)
        #expect(try await house.signIn.withPassword(House.password, user: "ana", House.visitor) == .wrong)
    }

    @Test func `slows guesses at the present password too`() async throws {
        try await house.add("ana", .viewer)
        let session = try await house.enter("ana")
        let principal = try #require(
            await house.gate.admit(.page("GET", "/api/v1/board", session)).admission?.principal
        )
        for _ in 0..<5 {
            _ = await error { () async throws(AccountError) in
                try await house.accounts.changePassword(from: "no", to: "x", of: principal, address: nil)
            }
        }
        #expect(
            await error { () async throws(AccountError) in
                try await house.accounts.changePassword(from: House.password, to: "x", of: principal, address: nil)
            } == .wait(.seconds(5))
        )
    }

    @Test func `makes a token that is shown once and found by its hash`() async throws {
        let request = TokenRequest(name: "ci", role: .operator, sources: ["dbt"], assets: "group:sales")
        let (token, credential, assets) = try await house.accounts.create(request, by: House.requester)
        #expect(credential.kind == .token)
        #expect(token.expiresAt == start + .seconds(90 * 86_400))
        #expect(token.scope == "operator, events of dbt, assets group:sales")
        #expect(assets == ["powerbi/retail/sales"])
        #expect(try await house.store.token(digest: credential.digest) == token)
        #expect(!"\(token)".contains(credential.text))
        let row = try #require(try await house.store.audit(AuditQuery()).first)
        #expect(row.entry.action == "tokens.create" && row.entry.target == "token:ci")
    }

    @Test(arguments: [
        (TokenRequest(name: "Ci", role: .viewer), AccountError.badName("Ci")),
        (TokenRequest(name: "ci", role: nil), .noScope),
        (TokenRequest(name: "ci", role: .viewer, life: .seconds(59)), .badLife(longest: 366)),
        (TokenRequest(name: "ci", role: .viewer, life: .seconds(367 * 86_400)), .badLife(longest: 366)),
        (TokenRequest(name: "ci", role: nil, sources: ["d bt"]), .badSource("d bt")),
        (TokenRequest(name: "ci", role: .viewer, user: "ana"), .unknownUser("ana", nearest: nil)),
    ])
    func `makes no token that makes no sense`(request: TokenRequest, expected: AccountError) async throws {
        #expect(
            await error { () async throws(AccountError) in
                _ = try await house.accounts.create(request, by: House.requester)
            } == expected
        )
        #expect(try await house.store.tokens().isEmpty)
    }

    @Test func `makes no token for a selection that cannot be read`() async throws {
        let found = await error { () async throws(AccountError) in
            let request = TokenRequest(name: "ci", role: .operator, assets: "group:(")
            _ = try await house.accounts.create(request, by: House.requester)
        }
        #expect(found?.words.type == "bad_selection")
    }

    @Test func `binds no token to assets that are not there`() async throws {
        func complaint(_ assets: String) async -> AccountError? {
            await error { () async throws(AccountError) in
                let request = TokenRequest(name: "ci", role: .operator, assets: assets)
                _ = try await house.accounts.create(request, by: House.requester)
            }
        }
        let mistyped = await complaint("powerbi/retail/slaes")?.words
        #expect(mistyped?.status == 400 && mistyped?.nearest == "powerbi/retail/sales")
        #expect(
            mistyped?.detail
                == "The selection 'powerbi/retail/slaes' is wrong: unknown asset 'powerbi/retail/slaes' at character 1."
        )
        #expect(await complaint("group:slaes") == .noAssets("group:slaes"))
        #expect(try await house.store.tokens().isEmpty)
        #expect(await complaint("powerbi/retail/sales") == nil)
    }

    @Test(arguments: [AuditEntry.Method.token, .link, .oidc, .socket])
    func `changes the password of nobody who did not sign in with it`(method: AuditEntry.Method) async throws {
        try await house.add("ana", .viewer)
        let principal = Principal(actor: Actor("user:ana"), title: "Ana", method: method, role: .viewer)
        for _ in 0..<10 {
            let found = await error { () async throws(AccountError) in
                try await house.accounts.changePassword(from: "no", to: "x", of: principal, address: nil)
            }
            #expect(found == .noPassword(method), "and no guess of it slows her own down")
            #expect(found?.words.status == 403)
        }
        let own = Principal(actor: Actor("user:ana"), title: "Ana", method: .password, role: .viewer)
        try await house.accounts.changePassword(from: House.password, to: "ein Igel singt leise", of: own, address: nil)
    }

    @Test func `revokes by name or id, and names the nearest`() async throws {
        _ = try await house.token("ci", .viewer)
        let other = try await house.token("other", .viewer)
        let id = try #require(try await house.store.token(digest: other.digest)?.id)
        try await house.accounts.revoke("ci", by: House.requester)
        try await house.accounts.revoke(id, by: House.requester)
        _ = try await house.token("nightly", .viewer)
        #expect(
            await error { () async throws(AccountError) in
                try await house.accounts.revoke("nigthly", by: House.requester)
            } == .unknownToken("nigthly", nearest: "nightly")
        )
        #expect(
            await error { () async throws(AccountError) in
                try await house.accounts.revoke("ci", by: House.requester)
            }?.words.status == 404
        )
    }
}
