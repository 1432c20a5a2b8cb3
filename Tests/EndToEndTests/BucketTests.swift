import Foundation
import Testing

@Suite(.enabled(if: Place.hasVenv, "moto is not installed; scripts/setup tests does it"), .serialized)
struct `A bucket that moto serves` {
    private static let inventory = "powerbi/inventory"

    @Test func `an object that is not there holds what reads it, and its arrival refreshes`() async throws {
        let world = try await Bucket.open()
        let held = try await world.plan(Self.inventory)
        #expect(held["outcome"].text == "hold" && held["reason"].text == "upstream_missing", "\(held)")
        // The run does not fail, but whoever waited for fresh data did not get it.
        let told = try await world.freshet.freshet("run", Self.inventory).expect(1)
        #expect(told.errors.contains("held: powerbi/inventory"), "\(told.errors)")
        #expect(try await world.emulator.posts().isEmpty)

        try await world.put("lake/stock.csv", "apple,12\n")
        try await world.freshet.freshet("run", Self.inventory).expect(0)
        #expect(try await world.emulator.posts().map(\.model) == ["Inventory"])
    }

    @Test func `the same bytes written again change nothing, others do`() async throws {
        let world = try await Bucket.open()
        try await world.put("lake/stock.csv", "apple,12\n")
        try await world.freshet.freshet("run", Self.inventory).expect(0)
        try await world.put("lake/stock.csv", "apple,12\n")
        #expect(try await world.plan(Self.inventory)["reason"].text == "up_to_date")
        try await world.put("lake/stock.csv", "apple,13\n")
        try await world.freshet.freshet("run", Self.inventory).expect(0)
        let posts = try await world.emulator.posts()
        #expect(posts.map(\.objects) == [[], ["fct_stock"]], "\(posts)")
    }

    @Test func `an object that went away holds, and is no change when it returns as it was`() async throws {
        let world = try await Bucket.open()
        try await world.put("lake/stock.csv", "apple,12\n")
        try await world.freshet.freshet("run", Self.inventory).expect(0)
        try await world.delete("lake/stock.csv")
        #expect(try await world.plan(Self.inventory)["reason"].text == "upstream_missing")
        try await world.put("lake/stock.csv", "apple,12\n")
        #expect(try await world.plan(Self.inventory)["reason"].text == "up_to_date")
    }

    @Test func `the artifacts of dbt are read from it, and a new run is a change`() async throws {
        let world = try await Bucket.open()
        try await world.putArtifacts(build: "one")
        try await world.freshet.freshet("run", "powerbi/sales").expect(0)
        #expect(try await world.plan("powerbi/sales")["reason"].text == "up_to_date")
        // Uploading what is there already is not a new run.
        try await world.putArtifacts(build: "one")
        #expect(try await world.plan("powerbi/sales")["reason"].text == "up_to_date")
        try await world.putArtifacts(build: "two")
        #expect(try await world.plan("powerbi/sales")["outcome"].text == "run")
        try await world.putArtifacts(build: "three", status: "error")
        let held = try await world.plan("powerbi/sales")
        #expect(held["reason"].text == "upstream_failed", "\(held)")
        #expect(held["sentence"].text?.contains("dbt/retail/fct_sales") == true, "\(held)")
    }

    @Test func `a key that is refused is never taken for no change`() async throws {
        let world = try await Bucket.open(isStrict: true)
        var stranger = world.freshet
        stranger.environment["BUCKET_SECRET_ACCESS_KEY"] = "Wq7bucket"
        let outcome = try await stranger.freshet("plan", Self.inventory, "--json").expect(0)
        let step = try outcome.json["steps"].first("asset", Self.inventory)
        #expect(step["evidence"][0]["comparison"].text == "unknown", "\(step)")
        #expect(!(outcome.output + outcome.errors).contains("Wq7bucket"))
    }
}
