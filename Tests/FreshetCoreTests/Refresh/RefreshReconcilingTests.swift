import Testing

@testable import FreshetCore

/// A request without an answer.
@Suite struct RefreshReconcilingTests {
    @Test func `finds a request without an answer in history, and never posts again`() {
        var talk = Conversation()
        talk.expect(
            """
            list             -> old ViaApi Completed @-600
            commit prepared  -> ok
            post             -> lost
            commit ambiguous -> ok
            list             -> old ViaApi Completed @-600
            sleep 30         -> .
            list             -> r1 ViaEnhancedApi Unknown @2; old ViaApi Completed @-600
            details r1       -> missing
            commit accepted  -> ok
            details r1       -> Completed
            commit completed -> ok
            finish succeeded r1 adopted
            """
        )
    }

    @Test func `proves over two minutes that a request had no effect`() {
        var talk = Conversation()
        talk.expect(
            """
            list             -> empty
            commit prepared  -> ok
            post             -> lost
            commit ambiguous -> ok
            list             -> empty
            sleep 30         -> .
            list             -> empty
            sleep 30         -> .
            list             -> lost
            sleep 5          -> .
            list             -> empty
            sleep 55         -> .
            list             -> empty
            commit not_found -> ok
            finish failed not_found now
            """
        )
    }

    @Test(arguments: [RemoteOperation.State.prepared, .ambiguous])
    func `reconciles an intent that a former process left, and does not post`(_ state: RemoteOperation.State) {
        var talk = Conversation(state, preparedBefore: .seconds(600)) { $0.afterNotFound = .never }
        talk.expect(
            (state == .prepared ? "commit ambiguous -> ok\n" : "") + """
                list             -> empty
                sleep 30         -> .
                list             -> empty
                sleep 30         -> .
                list             -> empty
                sleep 60         -> .
                list             -> empty
                commit not_found -> ok
                finish failed not_found never
                """
        )
    }

    @Test(arguments: [
        "r9 Scheduled Completed @5", "r9 ViaXmlaEndpoint Completed @5", "owned r9; r9 ViaApi Completed @5",
        "r9 ViaApi Completed @-61", "k1 ViaApi Completed @5",
    ])
    func `does not take another's refresh for its own`(_ entry: String) {
        var talk = Conversation(.ambiguous, knownIDs: ["k1"])
        let history = "\(entry); k1 ViaApi Completed @-600"
        talk.expect(
            """
            list             -> \(history)
            sleep 30         -> .
            list             -> \(history)
            sleep 30         -> .
            list             -> \(history)
            sleep 60         -> .
            list             -> \(history)
            commit not_found -> ok
            finish failed not_found now
            """
        )
    }

    @Test func `counts the difference of the clocks in`() {
        var talk = Conversation(.ambiguous)
        talk.expect(
            """
            list            -> r1 ViaApi Completed @-300 |server=-290
            details r1      -> wrong
            commit accepted -> ok
            details r1      -> wrong
            list            -> r1 ViaApi Completed @-300
            commit completed -> ok
            finish succeeded r1 adopted
            """
        )
    }

    @Test func `takes the newest of several for a whole refresh`() {
        var talk = Conversation(.ambiguous)
        talk.expect(
            """
            list            -> r1 ViaEnhancedApi Completed @1; r2 ViaEnhancedApi Unknown @40
            details r2      -> Unknown type=Full
            commit accepted -> ok
            details r2      -> Failed
            commit failed   -> ok
            finish failed remote_failed later
            """
        )
    }

    @Test func `takes no refresh of another type for its own`() {
        var talk = Conversation(.ambiguous)
        talk.expect(
            """
            list              -> r1 ViaEnhancedApi Unknown @1
            details r1        -> Unknown type=ClearValues
            commit unresolved -> ok
            finish failed unresolved_post never
            """
        )
    }

    @Test func `takes a refresh of tables for its own only if it covers them`() {
        var talk = Conversation(.ambiguous, objects: ["sales", "dates/2026"])
        talk.expect(
            """
            list              -> r1 ViaEnhancedApi Unknown @1; r2 ViaEnhancedApi Unknown @2
            details r2        -> Unknown/NotStarted
            sleep 5           -> .
            details r2        -> Completed [sales/p1]
            details r1        -> Unknown/InProgress [sales/p1,dates/2026]
            commit accepted   -> ok
            details r1        -> Completed
            commit completed  -> ok
            finish succeeded r1 adopted
            """
        )
    }

    @Test func `leaves it to a person when no refresh covers the tables`() {
        var talk = Conversation(.ambiguous, objects: ["sales"])
        talk.expect(
            """
            list              -> r1 ViaEnhancedApi Completed @1
            details r1        -> Completed [dates/2026]
            commit unresolved -> ok
            finish failed unresolved_post never
            """
        )
    }

    @Test func `leaves it to a person when the source of a new refresh is a word it does not know`() {
        var talk = Conversation(.ambiguous)
        talk.expect(
            """
            list              -> r1 ViaSomethingNew Completed @1
            details r1        -> Completed
            commit unresolved -> ok
            finish failed unresolved_post never
            """
        )
    }

    @Test(arguments: [
        // A full page whose oldest is newer; fewer entries, and none of those that were there; an empty page.
        "fill 1", "n1 Scheduled Completed @30", "empty",
    ])
    func `leaves it to a person when history may have lost the request`(_ history: String) {
        var talk = Conversation(.ambiguous, knownIDs: ["k1"])
        talk.expect(
            """
            list              -> \(history)
            sleep 30          -> .
            list              -> \(history)
            sleep 30          -> .
            list              -> \(history)
            sleep 60          -> .
            list              -> \(history)
            commit unresolved -> ok
            finish failed unresolved_post never
            """
        )
    }

    @Test func `does not call a request without effect while another runs that may stand before it`() {
        var talk = Conversation(.ambiguous) { $0.reconcileAfter = [] }
        talk.expect(
            """
            list             -> f1 Scheduled Unknown @-10
            sleep 5          -> .
            list             -> f1 Scheduled Completed @-10
            commit not_found -> ok
            finish failed not_found now
            """
        )
    }

    @Test func `gives up reconciling some time after the deadline`() {
        var talk = Conversation(.ambiguous, timeout: .seconds(100)) { $0.pollInterval = .seconds(60) }
        talk.expect(
            """
            list     -> lost
            sleep 60 -> .
            list     -> lost
            sleep 40 -> .
            list     -> lost
            sleep 60 -> .
            list     -> lost
            sleep 60 -> .
            list     -> lost
            commit unresolved -> ok
            finish failed unresolved_post never
            """
        )
    }
}
