import FreshetCore
import FreshetKit
import Synchronization
import Testing

@testable import FreshetEntra

struct `The token cache` {
    private let clock = LeapingClock()
    private let asked = Counter()

    /// Answers from a list, and then with its last.
    private func cache(_ results: [Result<Int, EntraError>]) -> TokenCache {
        TokenCache(now: { [clock] in clock.now }) { [clock, asked] in
            let index = asked.next()
            return results[min(index, results.count - 1)].map { life in
                Token(text: "t\(index + 1)", obtainedAt: clock.now, expiresAt: clock.now + .seconds(life))
            }
        }
    }

    private static let busy = EntraError.unreadable(status: 503)

    @Test func `keeps a token for four fifths of its life`() async throws {
        let cache = cache([.success(600)])
        #expect(try await cache.get() == "t1")
        clock.advance(.seconds(479))
        #expect(try await cache.get() == "t1")
        clock.advance(.seconds(1))
        #expect(try await cache.get() == "t2")
    }

    @Test func `asks once however many callers wait`() async throws {
        let cache = cache([.success(600)])
        await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await cache.get() } }
        }
        #expect(asked.count == 1)
    }

    @Test func `a renewal that fails early costs nothing, and is not repeated at once`() async throws {
        let cache = cache([.success(600), .failure(Self.busy), .success(600)])
        _ = try await cache.get()
        clock.advance(.seconds(500))
        for _ in 0..<10 { #expect(try await cache.get() == "t1") }
        #expect(asked.count == 2)
        clock.advance(.seconds(5))
        #expect(try await cache.get() == "t3")
    }

    @Test func `a service that fails is asked once in a few seconds, more and more seldom`() async throws {
        let cache = cache([.failure(Self.busy)])
        // A caller each second, for ten minutes.
        for _ in 0..<600 {
            await #expect(throws: Self.busy) { try await cache.get() }
            clock.advance(.seconds(1))
        }
        // At 0, 5, 15, 35, 75 s, and then each minute.
        #expect(asked.count == 13)
    }

    @Test func `an answer that says when is obeyed`() async throws {
        let cache = cache([.failure(.unreadable(status: 429, retryAfter: .seconds(120))), .success(600)])
        await #expect(throws: EntraError.self) { try await cache.get() }
        clock.advance(.seconds(119))
        await #expect(throws: EntraError.self) { try await cache.get() }
        #expect(asked.count == 1)
        clock.advance(.seconds(1))
        #expect(try await cache.get() == "t2")
    }

    @Test func `a success ends the waiting`() async throws {
        let cache = cache([.failure(Self.busy), .success(600), .failure(Self.busy), .success(600)])
        await #expect(throws: EntraError.self) { try await cache.get() }
        clock.advance(.seconds(5))
        await cache.drop(try await cache.get())
        await #expect(throws: EntraError.self) { try await cache.get() }
        clock.advance(.seconds(5))
        #expect(try await cache.get() == "t4")
    }

    @Test func `a clock that is set back does not make it wait longer`() async throws {
        let cache = cache([.failure(Self.busy), .success(600)])
        await #expect(throws: EntraError.self) { try await cache.get() }
        clock.advance(.seconds(-3600))
        #expect(try await cache.get() == "t2")
    }

    @Test func `a token that was dropped is asked for anew, a newer one is kept`() async throws {
        let cache = cache([.success(600)])
        let first = try await cache.get()
        await cache.drop(first)
        #expect(try await cache.get() == "t2")
        await cache.drop(first)
        #expect(try await cache.get() == "t2")
        #expect(asked.count == 2)
    }

    @Test func `a dropped token does not come back when the next cannot be had`() async throws {
        let cache = cache([.success(600), .failure(Self.busy)])
        await cache.drop(try await cache.get())
        await #expect(throws: Self.busy) { try await cache.get() }
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func next() -> Int {
        value.withLock { value in
            value += 1
            return value - 1
        }
    }
}
