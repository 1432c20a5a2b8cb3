import FreshetCore
import Testing

@testable import FreshetAccess

struct LoginThrottleTests {
    var throttle = LoginThrottle()
    var now = start

    /// How many guesses begin in a time, when each begins as soon as it may.
    private mutating func guesses(of user: (Int) -> String, from address: (Int) -> String, in span: Duration) -> Int {
        let end = now + span
        var count = 0
        while now < end {
            if let wait = throttle.begin(user: user(count), address: address(count), at: now) {
                now = now + wait
            } else {
                count += 1
            }
        }
        return count
    }

    @Test mutating func `lets a person mistype a few times`() {
        for _ in 0..<5 { #expect(throttle.begin(user: "ana", address: "192.0.2.1", at: now) == nil) }
        #expect(throttle.begin(user: "ana", address: "192.0.2.1", at: now) == .seconds(5))
    }

    @Test mutating func `slows guesses at one user, from wherever they come`() {
        let count = guesses(of: { _ in "ana" }, from: { "192.0.2.\($0 % 200)" }, in: .seconds(3600))
        #expect((60...75).contains(count), "\(count) in an hour")
    }

    @Test mutating func `slows one address, whoever it guesses at`() {
        let count = guesses(of: { "user\($0)" }, from: { _ in "192.0.2.1" }, in: .seconds(3600))
        #expect((60...90).contains(count), "\(count) in an hour")
    }

    @Test mutating func `takes a network of IPv6 for one address`() {
        let count = guesses(
            of: { "user\($0)" },
            from: { "2001:db8:1:2::\(String($0 + 1, radix: 16))" },
            in: .seconds(3600)
        )
        #expect((60...90).contains(count), "\(count) in an hour")
        #expect(throttle.begin(user: "zoe", address: "2001:db8:1:3::1", at: now) == nil)
    }

    @Test mutating func `never locks anybody out for good`() {
        _ = guesses(of: { _ in "ana" }, from: { "192.0.2.\($0 % 200)" }, in: .seconds(86_400))
        let wait = throttle.begin(user: "ana", address: "198.51.100.1", at: now)
        #expect(wait.map { $0 <= .seconds(60) } ?? true)
        #expect(throttle.begin(user: "ana", address: "198.51.100.1", at: now + .seconds(900)) == nil)
    }

    @Test mutating func `lets somebody in from where they came in before, while others guess`() {
        #expect(throttle.begin(user: "ana", address: "198.51.100.1", at: now) == nil)
        throttle.succeeded(user: "ana", address: "198.51.100.1", at: now)
        _ = guesses(of: { _ in "ana" }, from: { "192.0.2.\($0 % 200)" }, in: .seconds(600))
        #expect(throttle.begin(user: "ana", address: "192.0.2.99", at: now - .seconds(1)) != nil)
        #expect(throttle.begin(user: "ana", address: "198.51.100.1", at: now) == nil)
    }

    @Test mutating func `forgets what was wrong once it was right`() {
        for _ in 0..<4 { #expect(throttle.begin(user: "ana", address: "192.0.2.1", at: now) == nil) }
        #expect(throttle.begin(user: "ana", address: "192.0.2.1", at: now) == nil)
        throttle.succeeded(user: "ana", address: "192.0.2.1", at: now)
        for _ in 0..<5 { #expect(throttle.begin(user: "ana", address: "192.0.2.1", at: now) == nil) }
    }

    @Test mutating func `counts users who are not there just so, and whatever their letters' case`() {
        for name in ["Eve", "eve", "EVE", "eVe", "evE"] {
            #expect(throttle.begin(user: name, address: nil, at: now) == nil)
        }
        #expect(throttle.begin(user: "eve", address: nil, at: now) == .seconds(5))
    }

    @Test func `keeps to its size under many names and addresses`() {
        var small = LoginThrottle(capacity: 100)
        for number in 0..<10_000 {
            _ = small.begin(
                user: "u\(number)",
                address: "10.0.\(number / 250).\(number % 250)",
                at: start + .milliseconds(number)
            )
            small.succeeded(user: "u\(number)", address: "10.1.\(number / 250).\(number % 250)", at: start)
        }
        #expect(small.size <= 200)
    }
}
