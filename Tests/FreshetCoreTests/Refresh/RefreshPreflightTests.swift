import Testing

@testable import FreshetCore

/// Before the request.
@Suite struct RefreshPreflightTests {
    @Test func `waits for somebody else's refresh, then asks for its own`() {
        var talk = Conversation()
        talk.expect(
            """
            list    -> f1 Scheduled Unknown @-60
            sleep 5 -> .
            list    -> f1 Scheduled Unknown/InProgress @-60
            sleep 7.5 -> .
            list    -> f1 Scheduled Completed @-60
            commit prepared -> ok
            post    -> denied
            commit rejected -> ok
            finish failed credentials never
            """
        )
    }

    @Test func `waits no longer than its deadline`() {
        var talk = Conversation(timeout: .seconds(8))
        talk.expect(
            """
            list    -> f1 Scheduled Unknown @-60
            sleep 5 -> .
            list    -> f1 Scheduled Unknown @-60
            sleep 3 -> .
            finish failed foreign_refresh_running later
            """
        )
    }

    @Test func `does not wait for an entry that has been without an end for more than a day`() {
        var talk = Conversation()
        talk.expect(
            """
            list            -> f1 Scheduled Unknown @-90000
            commit prepared -> ok !cancelled
            commit cancelled -> ok
            finish stopped there
            """
        )
    }

    @Test(arguments: [
        (RefreshPolicy.OnConflict.skip, "finish skipped for f1"),
        (.fail, "finish failed foreign_refresh_running later"),
    ])
    func `skips or fails for somebody else's refresh when told so`(_ policy: RefreshPolicy.OnConflict, _ end: String) {
        var talk = Conversation { $0.onConflict = policy }
        talk.expect(
            """
            list -> f1 Scheduled Unknown @-60
            \(end)
            """
        )
    }

    @Test func `adopts a whole refresh that began after the plan`() {
        var talk = Conversation(planned: .seconds(-120)) { $0.onConflict = .adopt }
        talk.expect(
            """
            list       -> f1 Scheduled Unknown @-60 |server=0
            commit accepted -> ok
            details f1 -> wrong
            list       -> f1 Scheduled Unknown @-60
            sleep 5    -> .
            list       -> f1 Scheduled Completed @-60
            commit completed -> ok
            finish succeeded f1 adopted
            """
        )
        #expect(talk.machine.operation.bodyHash == "")
    }

    @Test func `does not adopt what began before the plan, by the service's own clock`() {
        // The service's clock is ten minutes ahead: 60 s ago by its clock is 660 s ago by ours.
        var talk = Conversation(planned: .seconds(-120)) { $0.onConflict = .adopt }
        talk.expect(
            """
            list    -> f1 Scheduled Unknown @-60 |server=600
            sleep 5 -> . !cancelled
            finish stopped there
            """
        )
    }

    @Test func `does not adopt an enhanced refresh for the whole model, which may be of a few tables`() {
        var talk = Conversation(planned: .seconds(-120)) { $0.onConflict = .adopt }
        talk.expect(
            """
            list    -> f1 ViaEnhancedApi Unknown/InProgress @-60 |server=0
            sleep 5 -> . !cancelled
            finish stopped there
            """
        )
    }

    @Test(arguments: ["Unknown [sales/Current,other] type=Full", "Unknown/InProgress [sales]"])
    func `adopts an enhanced refresh that covers its tables`(_ details: String) {
        var talk = Conversation(objects: ["sales/Current"], planned: .seconds(-120)) { $0.onConflict = .adopt }
        talk.expect(
            """
            list             -> f1 ViaEnhancedApi Unknown/InProgress @-60 |server=0
            details f1       -> \(details)
            commit accepted  -> ok
            details f1       -> Completed
            commit completed -> ok
            finish succeeded f1 adopted
            """
        )
    }

    @Test(arguments: ["Unknown [sales/Old] type=Full", "Unknown [sales] type=Calculate", "Unknown", "missing", "lost"])
    func `waits for an enhanced refresh that does not surely cover its tables`(_ details: String) {
        var talk = Conversation(objects: ["sales/Current"], planned: .seconds(-120)) { $0.onConflict = .adopt }
        talk.expect(
            """
            list       -> f1 ViaEnhancedApi Unknown/InProgress @-60 |server=0
            details f1 -> \(details)
            sleep 5    -> . !cancelled
            finish stopped there
            """
        )
    }

    @Test func `tries the reading of history three times, then says that it cannot`() {
        var talk = Conversation()
        talk.expect(
            """
            list    -> lost
            sleep 5 -> .
            list    -> 429 90
            sleep 90 -> .
            list    -> lost
            finish failed unreachable later
            """
        )
    }

    @Test func `parks the work when it is told to wait for long, instead of sleeping`() {
        var talk = Conversation()
        talk.expect(
            """
            list -> 429 3392
            finish failed throttled later until 3392
            """
        )
    }

    @Test(arguments: [
        ("denied", "credentials never"), ("missing", "configuration never"), ("wrong", "bad_request never"),
    ])
    func `takes a definite no before the request for what it is`(_ reply: String, _ end: String) {
        var talk = Conversation()
        talk.expect(
            """
            list -> \(reply)
            finish failed \(end)
            """
        )
    }
}
