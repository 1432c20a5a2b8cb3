import Foundation
import Testing

@Suite(.enabled(if: Place.hasPython, "the program is not built, or there is no python3"), .serialized)
struct `A hook of a daemon` {
    private static let secret = "what the loads sign with"

    @Test func `has what it names looked at, and only then is a change seen`() async throws {
        var (shop, emulator) = try await Project.shop()
        shop.environment["LOADS_SECRET"] = Self.secret
        try shop.replace("every: 1s", with: "every: 1h", in: "freshet.yaml")
        let hook = #"loads: {kind: cloudevents, secret: "${secret:env/LOADS_SECRET}", assets: "warehouse/*"}"#
        try shop.replace("\ndefaults:", with: "\nhooks:\n  \(hook)\n\ndefaults:", in: "freshet.yaml")
        let house = try await `Who may come in`.House(shop)
        try await until("the first refreshes") {
            try await shop.states() == ["powerbi/sales": "up_to_date", "powerbi/inventory": "up_to_date"]
        }
        let before = try await emulator.posts().count
        try await shop.addRow(to: "fct_sales", at: "2026-05-02T09:00:00Z")

        let event =
            #"{"specversion": "1.0", "id": "1", "source": "loads", "type": "done", "subject": "warehouse/fct_sales"}"#
        let headers = ["Content-Type": "application/cloudevents+json", "Authorization": "Bearer \(Self.secret)"]
        let forged = headers.merging(["Authorization": "Bearer guessed guessed guessed"]) { $1 }
        #expect(try await house.ask("POST", "/hooks/loads", event, forged).status == 401)
        #expect(try await house.ask("POST", "/hooks/nobody", event, headers).status == 404)
        #expect(try await emulator.posts().count == before)

        let first = try await house.ask("POST", "/hooks/loads", event, headers)
        #expect(first.status == 202)
        #expect(first.document["duplicate"].integer == 0)
        try await until("the refresh") { try await emulator.posts().last?.objects == ["fct_sales/Current"] }
        #expect(try await emulator.posts().count == before + 1)
        #expect(try await house.ask("POST", "/hooks/loads", event, headers).document["duplicate"].integer == 1)
        #expect(!house.daemon.errors.contains(Self.secret))
    }
}
