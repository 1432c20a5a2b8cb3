import FreshetCore
import Testing

@testable import FreshetHooks

@Suite struct `The pace of a hook` {
    @Test func `is never faster than its rate, but for one minute's worth at once`() {
        var pace = HookPace(perMinute: 6, at: now)
        var passed = 0
        // A request a second, for ten minutes.
        for second in 0..<600 where pace.take(at: now + .seconds(second)) == nil { passed += 1 }
        #expect(passed == 6 + 59)
    }

    @Test func `says when to come again`() {
        var pace = HookPace(perMinute: 6, at: now)
        for _ in 0..<6 { #expect(pace.take(at: now) == nil) }
        #expect(pace.take(at: now) == .seconds(10))
        #expect(pace.take(at: now + .seconds(4)) == .seconds(6))
        #expect(pace.take(at: now + .seconds(10)) == nil)
    }

    @Test func `gives nothing for a clock that is set back`() {
        var pace = HookPace(perMinute: 1, at: now)
        #expect(pace.take(at: now) == nil)
        #expect(pace.take(at: now - .seconds(3600)) != nil)
        #expect(pace.take(at: now + .seconds(30)) != nil)
        #expect(pace.take(at: now + .seconds(60)) == nil)
    }
}
