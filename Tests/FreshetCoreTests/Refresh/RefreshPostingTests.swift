import Testing

@testable import FreshetCore

/// The answer to the request.
@Suite struct RefreshPostingTests {
    @Test(arguments: [
        ("busy", RefreshPolicy.OnConflict.wait, "failed foreign_refresh_running later"),
        ("busy", .adopt, "failed foreign_refresh_running now"), ("busy", .skip, "skipped for somebody"),
        ("busy", .fail, "failed foreign_refresh_running later"), ("wrong", .wait, "failed bad_request never"),
        ("missing", .wait, "failed configuration never"), ("quota", .wait, "failed quota_exhausted later"),
        ("expired", .wait, "failed credentials now"), ("denied", .wait, "failed credentials never"),
        ("unsent", .wait, "failed unreachable later"), ("signin", .wait, "failed credentials never"),
        ("paused", .wait, "failed capacity_paused later"),
    ])
    func `ends the attempt with a refusal`(_ reply: String, _ policy: RefreshPolicy.OnConflict, _ end: String) {
        var talk = Conversation { $0.onConflict = policy }
        talk.expect(
            """
            list            -> empty
            commit prepared -> ok
            post            -> \(reply)
            commit rejected -> ok
            finish \(end)
            """
        )
    }

    @Test func `takes an id that history showed before for no id`() {
        var talk = Conversation()
        talk.expect(
            """
            list             -> r1 ViaApi Completed @-600
            commit prepared  -> ok
            post             -> 202 R1
            commit ambiguous -> ok
            list             -> r2 ViaEnhancedApi Unknown @1; r1 ViaApi Completed @-600
            details r2       -> Unknown type=Full
            commit accepted  -> ok
            details r2       -> Completed
            commit completed -> ok
            finish succeeded r2 adopted
            """
        )
    }

    @Test func `takes an id that another operation of Freshet's goes by for no id, and says so`() {
        var talk = Conversation()
        talk.expect(
            """
            list             -> owned r9
            commit prepared  -> ok
            post             -> 202 R9
            commit ambiguous -> ok
            list             -> r2 ViaEnhancedApi Unknown @1; owned r9
            details r2       -> Unknown type=Full
            commit accepted  -> ok
            details r2       -> Completed
            commit completed -> ok
            finish succeeded r2 adopted
            """
        )
        #expect(talk.machine.report.anomalies == ["request_id_reused"])
    }

    @Test(arguments: [("429 1000000000", "86400"), ("429 0", "0")])
    func `puts the next attempt off by what was asked for, and by no more than a day`(_ reply: String, _ wait: String) {
        var talk = Conversation()
        talk.expect(
            """
            list             -> empty
            commit prepared  -> ok
            post             -> \(reply)
            commit ambiguous -> ok
            list             -> empty
            commit rejected  -> ok
            finish failed throttled later until \(wait)
            """
        )
    }

    @Test func `reads history once after a throttled request, and keeps how long to wait`() {
        var talk = Conversation()
        talk.expect(
            """
            list             -> empty
            commit prepared  -> ok
            post             -> 429 3392
            commit ambiguous -> ok
            list             -> empty
            commit rejected  -> ok
            finish failed throttled later until 3392
            """
        )
    }
}
