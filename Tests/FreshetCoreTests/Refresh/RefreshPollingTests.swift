import Testing

@testable import FreshetCore

/// A refresh that has an id.
@Suite struct RefreshPollingTests {
    @Test(arguments: [
        ("Failed", "failed", "remote_failed later"), ("Cancelled", "cancelled", "remote_cancelled later"),
        ("Disabled", "failed", "remote_disabled never"), ("Failed/TimedOut", "failed", "remote_timed_out later"),
    ])
    func `gives each end its own name`(_ status: String, _ state: String, _ end: String) {
        var talk = Conversation(.accepted, requestID: "r1")
        talk.expect(
            """
            details r1     -> \(status)
            commit \(state) -> ok
            finish failed \(end)
            """
        )
    }

    @Test(arguments: [
        "Unknown", "Wonderful", "Unknown/Wonderful", "Completed/InProgress", "lost", "429", "Completed/Failed",
    ])
    func `takes nothing but Completed for success`(_ reply: String) {
        var talk = Conversation(.accepted, requestID: "r1")
        talk.expect(
            reply == "Completed/Failed"
                ? """
                details r1    -> \(reply)
                commit failed -> ok
                finish failed remote_failed later
                """
                : """
                details r1       -> \(reply)
                sleep 5          -> .
                details r1       -> Completed
                commit completed -> ok
                finish succeeded r1
                """
        )
    }

    @Test func `lets the service say when to look again, within reason`() {
        var talk = Conversation(.accepted, requestID: "r1")
        talk.expect(
            """
            details r1 -> Unknown |retry=40
            sleep 40   -> .
            details r1 -> 429 86400
            sleep 900  -> .
            details r1 -> Completed
            commit completed -> ok
            finish succeeded r1
            """
        )
    }

    @Test func `looks in history for a refresh that has no details`() {
        var talk = Conversation(.accepted, requestID: "r1")
        talk.expect(
            """
            details r1 -> wrong
            list       -> r2 Scheduled Completed @1; r1 ViaApi Unknown @0
            sleep 5    -> .
            list       -> r2 Scheduled Completed @1; r1 ViaApi Completed @0
            commit completed -> ok
            finish succeeded r1
            """
        )
    }

    @Test func `gives a missing refresh five minutes, then calls it lost`() {
        var talk = Conversation(.accepted, requestID: "r1") { $0.pollInterval = .seconds(60) }
        talk.expect(
            """
            details r1  -> missing
            list        -> empty
            sleep 60    -> .
            details r1  -> Unknown
            sleep 60    -> .
            details r1  -> missing
            list        -> r2 ViaApi Completed @0
            sleep 60    -> .
            details r1  -> missing
            list        -> denied
            sleep 60    -> .
            details r1  -> missing
            list        -> lost
            sleep 60    -> .
            details r1  -> missing
            list        -> empty
            sleep 60    -> .
            details r1  -> missing
            list        -> empty
            commit lost -> ok
            finish failed lost_remote later
            """
        )
    }

    @Test func `says that a refresh can no longer be watched when access is taken away`() {
        var talk = Conversation(.accepted, requestID: "r1") { $0.pollMaxInterval = .seconds(300) }
        talk.machine.interval = .seconds(300)
        talk.expect(
            """
            details r1  -> denied
            list        -> denied
            sleep 300   -> .
            list        -> denied
            commit lost -> ok
            finish failed credentials never
            """
        )
    }

    @Test(arguments: [
        ("missing", "configuration never"), ("paused", "capacity_paused later"), ("wrong", "lost_remote later"),
    ])
    func `has a name for why it can no longer watch`(_ reply: String, _ end: String) {
        var talk = Conversation(.accepted, requestID: "r1") { $0.pollMaxInterval = .seconds(300) }
        talk.machine.interval = .seconds(300)
        talk.machine.readsHistory = true
        talk.expect(
            """
            list        -> \(reply)
            sleep 300   -> .
            list        -> \(reply)
            commit lost -> ok
            finish failed \(end)
            """
        )
    }

    @Test func `goes on watching while signing in fails, for a secret may be mended meanwhile`() {
        var talk = Conversation(.accepted, requestID: "r1") { $0.pollMaxInterval = .seconds(3000) }
        talk.machine.interval = .seconds(3000)
        talk.expect(
            """
            details r1       -> signin
            sleep 3000       -> .
            details r1       -> signin
            sleep 3000       -> .
            details r1       -> Completed
            commit completed -> ok
            finish succeeded r1
            """
        )
    }

    @Test(arguments: [
        (
            RefreshRecord(startedAt: .init(seconds: 9), endedAt: .init(seconds: 8), status: "Completed"),
            "end_before_start"
        ),
        (RefreshRecord(status: "Completed", extendedStatus: "InProgress"), "contradicting_words"),
        (RefreshRecord(status: "Wonderful"), "unknown_word"),
        (RefreshRecord(endedAt: .init(seconds: 8), status: "Unknown"), "end_while_running"),
    ])
    func `notes what contradicts itself`(_ record: RefreshRecord, _ anomaly: String) {
        var machine = Conversation(.accepted, requestID: "r1").machine
        _ = machine.handle(.began, at: Conversation.start)
        _ = machine.handle(.details(RemoteReply(.answer(record))), at: Conversation.start)
        #expect(machine.report.anomalies == [anomaly])
    }

    @Test func `stays ended whatever the service says of it afterwards`() {
        var talk = Conversation(.accepted, requestID: "r1")
        talk.expect(
            """
            details r1       -> Completed
            commit completed -> ok
            finish succeeded r1
            """
        )
        let later = RefreshRecord(status: "Unknown", extendedStatus: "InProgress")
        #expect(talk.machine.handle(.details(RemoteReply(.answer(later))), at: talk.now) == [])
        for state in RemoteOperation.State.allCases where state != .completed {
            #expect(!RemoteOperation.State.completed.mayBecome(state))
        }
    }

    @Test func `remembers after a restart that the end was asked for`() {
        for (state, end) in [(RemoteOperation.State.cancelled, "stopped there"), (.lost, "stopped here only")] {
            var talk = Conversation(state, requestID: "r1", cancelRequested: true)
            talk.expect("finish \(end)")
        }
        var unsent = Conversation(.cancelled)
        unsent.expect("finish stopped there")
    }

    @Test func `says why the store did not take the end of a refresh`() {
        var talk = Conversation(.accepted, requestID: "r1", timeout: .seconds(100)) { $0.pollInterval = .seconds(60) }
        talk.expect(
            """
            details r1       -> Completed
            commit completed -> fails
            sleep 60         -> .
            commit completed -> fails
            sleep 60         -> .
            commit completed -> fails
            sleep 60         -> .
            commit completed -> fails
            sleep 60         -> .
            commit completed -> fails
            finish failed internal_error later
            """
        )
    }

    @Test func `keeps the end of a refresh until the store takes it`() {
        var talk = Conversation(.accepted, requestID: "r1")
        talk.expect(
            """
            details r1       -> Completed
            commit completed -> fails
            sleep 5          -> .
            commit completed -> fails
            sleep 7.5        -> .
            commit completed -> ok
            finish succeeded r1
            """
        )
    }

    @Test(arguments: [
        (RemoteOperation.State.completed, "succeeded r1"), (.failed, "failed remote_failed later"),
        (.lost, "failed lost_remote later"), (.unresolved, "failed unresolved_post never"),
        (.notFound, "failed not_found now"), (.cancelled, "failed remote_cancelled later"),
        (.rejected, "failed remote_failed later"),
    ])
    func `repeats the end that a former process wrote down`(_ state: RemoteOperation.State, _ end: String) {
        var talk = Conversation(state, requestID: "r1")
        talk.expect("finish \(end)")
    }
}
