import Testing

@testable import FreshetCore

/// The wish to end it.
@Suite struct RefreshStoppingTests {
    @Test func `cancels its refresh when asked to stop, and says that it has stopped`() {
        var talk = Conversation(.accepted, requestID: "r1")
        talk.expect(
            """
            details r1       -> Unknown
            sleep 5          -> . !cancelled
            commit accepted  -> ok
            cancel r1        -> ok
            details r1       -> Unknown/InProgress
            sleep 5          -> .
            details r1       -> Cancelled/Cancelled
            commit cancelled -> ok
            finish stopped there
            """
        )
        #expect(talk.machine.operation.cancelRequestedAt != nil)
    }

    @Test func `cancels its refresh at the deadline, and calls that a time-out`() {
        var talk = Conversation(.accepted, requestID: "r1", timeout: .seconds(8))
        talk.expect(
            """
            details r1       -> Unknown
            sleep 5          -> .
            details r1       -> Unknown
            sleep 3          -> .
            commit accepted  -> ok
            cancel r1        -> ok
            details r1       -> Cancelled
            commit cancelled -> ok
            finish failed timed_out later
            """
        )
    }

    @Test func `says honestly that a refresh could not be cancelled`() {
        for (reason, end) in [("cancelled", "stopped here only"), ("deadline", "failed timed_out later")] {
            var talk = Conversation(.accepted, requestID: "r1")
            talk.expect(
                """
                details r1      -> Unknown !\(reason)
                commit accepted -> ok
                cancel r1       -> wrong
                details r1      -> Unknown
                commit lost     -> ok
                finish \(end)
                """
            )
        }
    }

    @Test func `asks again to cancel when there was no answer, for two minutes`() {
        var talk = Conversation(.accepted, requestID: "r1") { $0.pollInterval = .seconds(60) }
        talk.expect(
            """
            details r1      -> Unknown !cancelled
            commit accepted -> ok
            cancel r1       -> lost
            details r1      -> lost
            sleep 60        -> .
            cancel r1       -> lost
            details r1      -> lost
            sleep 60        -> .
            cancel r1       -> lost
            details r1      -> Unknown
            commit lost     -> ok
            finish stopped here only
            """
        )
    }

    @Test func `tells within two minutes that it may still run, however long the service asks to be left alone`() {
        var talk = Conversation(.accepted, requestID: "r1")
        talk.expect(
            """
            details r1      -> Unknown !cancelled
            commit accepted -> ok
            cancel r1       -> 429 3600
            details r1      -> 429 3600
            sleep 120       -> .
            cancel r1       -> 429 3600
            details r1      -> 429 3600
            commit lost     -> ok
            finish stopped here only
            """
        )
    }

    @Test func `takes a refresh that ended before it could be cancelled for the success it is`() {
        var talk = Conversation(.accepted, requestID: "r1")
        talk.expect(
            """
            details r1       -> Unknown !cancelled
            commit accepted  -> ok
            cancel r1        -> wrong
            details r1       -> Completed
            commit completed -> ok
            finish succeeded r1
            """
        )
    }

    @Test func `goes on cancelling after a restart`() {
        var talk = Conversation(.accepted, requestID: "r1", cancelRequested: true)
        talk.expect(
            """
            details r1       -> Unknown
            sleep 5          -> .
            cancel r1        -> ok
            details r1       -> Cancelled
            commit cancelled -> ok
            finish stopped there
            """
        )
    }

    @Test func `does not cancel the refresh of somebody else`() {
        var talk = Conversation(.accepted, requestID: "f1", bodyHash: "")
        talk.expect(
            """
            details f1  -> Unknown !cancelled
            commit lost -> ok
            finish stopped here only
            """
        )
    }

    @Test func `cancels a refresh that it finds only while reconciling`() {
        var talk = Conversation()
        talk.expect(
            """
            list             -> empty
            commit prepared  -> ok
            post             -> lost !cancelled
            commit ambiguous -> ok
            list             -> r1 ViaEnhancedApi Unknown @0
            details r1       -> Unknown
            commit accepted  -> ok
            commit accepted  -> ok
            cancel r1        -> ok
            details r1       -> Cancelled
            commit cancelled -> ok
            finish stopped there
            """
        )
    }

    @Test func `heeds only what it waits for`() {
        var talk = Conversation()
        #expect(talk.machine.handle(.committed, at: talk.now) == [])
        #expect(talk.machine.handle(.began, at: talk.now) == [.listHistory(top: 60)])
        #expect(talk.machine.handle(.began, at: talk.now) == [])
        #expect(talk.machine.handle(.committed, at: talk.now) == [])
        #expect(talk.machine.handle(.posted(RemoteReply(.answer(.init(requestID: "r1")))), at: talk.now) == [])
    }
}
