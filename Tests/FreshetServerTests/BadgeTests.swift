import FreshetCore
import FreshetKit
import Testing

@testable import FreshetServer

@Suite struct `A badge` {
    private let link = Fence(assets: ["sales/a"], sources: [])
    private let address = "/badges/sales:a.svg"

    @Test func `shows how the asset stands to viewers, and to who has its link`() async throws {
        let house = try await House()
        let seen = await house.ask("GET", address, as: .viewer)
        let embedded = await house.ask("GET", address, query: "token=frb_x", showsBadges: true, bounds: link)
        #expect(seen.status == 200 && embedded.status == 200)
        #expect(seen.text == embedded.text && seen.text?.contains(">a</text>") == true)
        #expect(embedded.headers["Cross-Origin-Resource-Policy"] == "cross-origin")
    }

    @Test func `looks the same to every link that does not count`() async throws {
        let house = try await House()
        let answers = [
            await house.ask("GET", "/badges/stock:c.svg", query: "token=frb_x", showsBadges: true, bounds: link),
            await house.ask("GET", "/badges/no:such.svg", query: "token=frb_x", showsBadges: true, bounds: link),
            await house.ask("GET", address, query: "token=frb_x"), await house.ask("GET", address, query: "token="),
            await house.ask("GET", "/badges/no:such.svg", query: "a=b&token=frb_x"),
            await house.ask("GET", address, query: "%74oken=frb_x"), await house.ask("GET", address, query: "token"),
        ]
        let first = try #require(answers.first)
        #expect(first.status == 404 && first.text?.contains("freshness: unknown") == true)
        guard case .bytes(_, "image/svg+xml") = first.body else {
            Issue.record("it is no picture")
            return
        }
        for answer in answers {
            #expect(answer.status == first.status && answer.text == first.text && answer.headers == first.headers)
        }
    }

    @Test func `tells who has its link nothing of other assets, however they ask`() async throws {
        let house = try await House()
        for query in [nil, "%74oken=frb_x", "token=a&token=b", "token=%zz"] {
            for path in ["/badges/stock:c.svg", "/badges/stock:cc.svg", "/badges/sales:aa.svg"] {
                let answer = await house.ask("GET", path, query: query, showsBadges: true, bounds: link)
                #expect([400, 404].contains(answer.status), "\(path)?\(query ?? "")")
                #expect(answer.text?.contains("nearest") == false && answer.text?.contains("no asset") == false)
            }
        }
    }

    @Test func `is refused in words to who shows no link`() async throws {
        let house = try await House()
        let stranger = await house.ask("GET", address)
        #expect(stranger.status == 401 && stranger.text?.contains("urn:freshet:problem:unauthenticated") == true)
        let mistyped = await house.ask("GET", "/badges/sales:x.svg", as: .viewer)
        #expect(mistyped.status == 404 && mistyped.text?.contains("urn:freshet:problem:unknown_asset") == true)
    }

    @Test func `is all that its link opens`() async throws {
        let house = try await House()
        for path in ["/api/v1/board", "/api/v1/assets/sales:a", "/metrics", "/api/v1/nothing"] {
            let answer = await house.ask("GET", path, query: "token=frb_x", showsBadges: true, bounds: link)
            #expect(answer.status == 401, "\(path)")
        }
        let event = await house.ask("POST", "/api/v1/events", body: "{}", showsBadges: true, bounds: link)
        #expect(event.status == 401)
    }
}
