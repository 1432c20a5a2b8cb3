import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetAccess

@Suite struct `The link of a badge` {
    let house = House()
    private let address = "/badges/powerbi:retail:sales.svg"

    private func ask(_ target: String, _ headers: KeyValuePairs<String, String> = [:]) async -> GateAnswer {
        await house.gate.admit(.page("GET", target, nil, headers))
    }

    @Test func `opens badges from a page of any other site, as somebody who may do nothing`() async throws {
        let link = try await house.badge("wiki", of: "group:sales")
        #expect(link.text.hasPrefix("frb_"))
        let elsewhere: KeyValuePairs = ["Sec-Fetch-Site": "cross-site", "Origin": "https://wiki.test"]
        let admission = try #require(await ask("\(address)?token=\(link.text)", elsewhere).admission)
        let principal = try #require(admission.principal)
        #expect(principal.showsBadges && principal.role == nil && principal.sources == nil)
        #expect(principal.reaches(["powerbi/retail/sales"], in: House.graph))
        #expect(!principal.reaches(["powerbi/retail/stock"], in: House.graph))
        #expect(!Principal.may(principal, .role(.viewer)) && !Principal.may(principal, .ingest))
    }

    @Test func `is nothing anywhere else`() async throws {
        let link = try await house.badge("wiki", of: "group:sales")
        for target in ["/api/v1/board", "/api/v1/assets/powerbi:retail:sales", "/metrics", "/badges/x", "\(address)/"] {
            #expect(await ask("\(target)?token=\(link.text)").status == 401, "\(target)")
        }
        #expect(await house.gate.admit(.machine("GET", address, link)).status == 401, "as a token")
        #expect(await ask(address, ["Cookie": "freshet=\(link.text)"]).status == 401, "as a session")
        #expect(await ask("\(address)?next=\(link.text)").status == 401, "by another name")
    }

    @Test func `is the only thing that counts at its address`() async throws {
        let token = try await house.token("ci", .admin)
        #expect(await ask("\(address)?token=\(token.text)").status == 401, "a token for machines belongs in no address")
        try await house.add("ana", .admin)
        let session = try await house.enter("ana")
        #expect(await house.gate.admit(.page("GET", address, session)).status == 200)
        for wrong in ["token=", "token=nonsense", "token=\(token.text)"] {
            #expect(await house.gate.admit(.page("GET", "\(address)?\(wrong)", session)).status == 401, "\(wrong)")
            #expect(await house.gate.admit(.machine("GET", "\(address)?\(wrong)", token)).status == 401, "\(wrong)")
        }
        let link = try await house.badge("wiki", of: "group:sales")
        #expect(await ask("\(address)?token=\(link.text)&token=\(link.text)").status == 401, "twice")
    }

    @Test func `ends in its time, with its user, and when it is revoked`() async throws {
        try await house.add("root", .admin)
        try await house.add("ana", .viewer)
        let request = TokenRequest(
            name: "day",
            role: nil,
            assets: "group:sales",
            isBadge: true,
            user: "ana",
            life: .seconds(86_400)
        )
        let own = try await house.accounts.create(request, by: House.requester).credential
        let other = try await house.badge("wiki", of: "group:sales")
        #expect(await ask("\(address)?token=\(own.text)").status == 200)
        try await house.accounts.setDisabled(true, "ana", by: House.requester)
        #expect(await ask("\(address)?token=\(own.text)").refusal == .unauthenticated(.disabled))
        try await house.accounts.setDisabled(false, "ana", by: House.requester)
        house.clock.advance(by: .seconds(86_400))
        #expect(await ask("\(address)?token=\(own.text)").refusal == .unauthenticated(.expired))
        #expect(await ask("\(address)?token=\(other.text)").status == 200)
        try await house.accounts.revoke("wiki", by: House.requester)
        #expect(await ask("\(address)?token=\(other.text)").refusal == .unauthenticated(.revoked))
    }

    @Test func `is in no row of the audit, and is kept as a hash`() async throws {
        let link = try await house.badge("wiki", of: "group:sales")
        for target in [address, "/api/v1/runs"] { _ = await ask("\(target)?token=\(link.text)") }
        let rows = try await house.store.audit(AuditQuery())
        #expect(rows.map(\.entry.action) == ["tokens.create"])
        #expect(!"\(rows)".contains(link.text))
        let token = try #require(try await house.store.tokens().first)
        #expect(token.isBadge && token.scope == "badge, assets group:sales" && token.lastUsedAt == start)
        #expect(!"\(token)".contains(link.text))
        #expect(token.lastAddress == nil, "readers of other pages are not ours to keep")
    }

    @Test(arguments: [
        TokenRequest(name: "wiki", role: nil, isBadge: true),
        TokenRequest(name: "wiki", role: .viewer, assets: "group:sales", isBadge: true),
        TokenRequest(name: "wiki", role: nil, sources: [], assets: "group:sales", isBadge: true),
    ])
    func `has assets, and nothing that it may do`(request: TokenRequest) async throws {
        await #expect(throws: AccountError.badBadge) {
            try await house.accounts.create(request, by: House.requester)
        }
        #expect(try await house.store.tokens().isEmpty)
    }
}
