import FreshetCore
import FreshetKit
import FreshetTesting
import Synchronization
import Testing

@testable import FreshetServer

@Suite struct `The pace of a token` {
    private let now = Timestamp(milliseconds: 1_767_225_600_000)

    @Test func `is as many requests at once as it has in a minute, then one after the other`() {
        let pace = RequestPace(perMinute: 60)
        for _ in 0..<60 { #expect(pace.take(Actor("token:ci"), at: now) == nil) }
        #expect(pace.take(Actor("token:ci"), at: now) == .seconds(1))
        #expect(pace.take(Actor("token:ci"), at: now + .milliseconds(400)) == .milliseconds(600))
        #expect(pace.take(Actor("token:other"), at: now) == nil, "each has its own")
        #expect(pace.take(Actor("token:ci"), at: now + .seconds(1)) == nil)
        #expect(pace.take(Actor("token:ci"), at: now + .seconds(1)) == .seconds(1))
        for _ in 0..<60 { #expect(pace.take(Actor("token:ci"), at: now + .seconds(100)) == nil) }
    }

    @Test func `is kept while others come and go`() {
        let pace = RequestPace(perMinute: 60)
        for _ in 0..<60 { _ = pace.take(Actor("token:ci"), at: now) }
        for number in 0..<3000 { _ = pace.take(Actor("token:\(number)"), at: now) }
        #expect(pace.take(Actor("token:ci"), at: now) == .seconds(1))
    }

    @Test func `is answered 429 with when to come back, and holds back nobody else`() async throws {
        let house = try await House(requestsPerMinute: 60)
        for _ in 0..<60 { #expect(await house.ask("GET", "/api/v1/pauses", as: .viewer).status == 405) }
        let answer = await house.ask("GET", "/api/v1/schedules", as: .viewer)
        #expect(answer.status == 429 && answer.headers["Retry-After"] == "1")
        #expect(answer.text?.contains("urn:freshet:problem:rate_limited") == true)
        #expect(await house.ask("GET", "/healthz", as: .viewer).status == 200)
        #expect(await house.ask("POST", "/hooks/known", body: "delivery-1", as: .viewer).status == 202)
        #expect(await house.ask("GET", "/api/v1/schedules", as: .operator).status == 200)
        house.clock.advance(by: .seconds(1))
        #expect(await house.ask("GET", "/api/v1/schedules", as: .viewer).status == 200)
    }
}

@Suite struct `A body` {
    @Test func `that says that it is too large is not read`() async throws {
        let house = try await House()
        let answer = await house.ask("POST", "/hooks/known", body: "x", length: 1 << 40)
        #expect(answer.status == 413 && answer.headers["Connection"] == "close")
        #expect(house.bodiesRead.load(ordering: .relaxed) == 0)
        #expect(await house.ask("POST", "/hooks/known", body: "x", length: 1 << 20).status == 202)
    }
}
