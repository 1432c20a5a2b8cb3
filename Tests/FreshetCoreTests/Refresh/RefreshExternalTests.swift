import Testing

@testable import FreshetCore

/// Somebody else's refresh that ended before ours was asked for.
@Suite struct RefreshExternalTests {
    private func conversation(
        _ objects: [String] = [],
        changed: Duration? = .seconds(-600),
        type: String = "full",
        _ policy: RefreshPolicy.OnConflict = .adopt
    ) -> Conversation {
        Conversation(objects: objects, changed: changed, type: type) { $0.onConflict = policy }
    }

    @Test func `takes a completed whole refresh that began after the newest change for its own`() {
        var talk = conversation()
        talk.expect(
            """
            list             -> f1 Scheduled Completed @-300 |server=0
            commit completed -> ok
            finish succeeded f1 adopted externally
            """
        )
        #expect(talk.machine.operation.bodyHash == "")
    }

    @Test func `takes it also while another whole refresh runs or after one that failed`() {
        for later in ["f2 OnDemand Unknown @-30", "f2 Scheduled Failed @-30"] {
            var talk = conversation()
            talk.expect(
                """
                list             -> \(later); f1 Scheduled Completed @-300 |server=0
                commit completed -> ok
                finish succeeded f1 adopted externally
                """
            )
        }
    }

    @Test(arguments: [
        // Began before the change, or within the tolerance of a clock that is not told.
        "f1 Scheduled Completed @-700 |server=0", "f1 Scheduled Completed @-570",
        // May be of a few tables, or may have taken back what the other loaded.
        "f1 ViaEnhancedApi Completed @-300 |server=0",
        "f2 ViaEnhancedApi Failed @-100; f1 Scheduled Completed @-300 |server=0",
        "f2 ViaXmlaEndpoint Completed @-100; f1 Scheduled Completed @-300 |server=0",
        // Freshet's own, which an earlier run has taken in.
        "f1 Scheduled Completed @-300; owned f1 |server=0",
        "f1 Scheduled Failed @-300 |server=0",
    ])
    func `asks for its own where that is not sure`(_ history: String) {
        var talk = conversation()
        talk.expect(
            """
            list            -> \(history)
            commit prepared -> ok !cancelled
            commit cancelled -> ok
            finish stopped there
            """
        )
    }

    @Test func `asks for its own when told to wait, when the change has no time, and for another kind of work`() {
        for var talk in [conversation(.wait), conversation(changed: nil), conversation(type: "clearValues")] {
            talk.expect(
                """
                list            -> f1 Scheduled Completed @-300 |server=0
                commit prepared -> ok !cancelled
                commit cancelled -> ok
                finish stopped there
                """
            )
        }
    }

    private func conversation(_ policy: RefreshPolicy.OnConflict) -> Conversation { conversation([], policy) }

    @Test func `takes it for a plan that names tables only if the details list them`() {
        var talk = conversation(["sales/Current"])
        talk.expect(
            """
            list             -> f1 ViaEnhancedApi Completed @-300 |server=0
            details f1       -> Completed [sales/Current,other] type=Full
            commit completed -> ok
            finish succeeded f1 adopted externally
            """
        )
    }

    @Test(arguments: [
        "Completed [sales/Old] type=Full", "Completed [sales] type=Calculate", "Unknown [sales]", "wrong",
    ])
    func `asks for its own when the details do not list what it needs`(_ details: String) {
        var talk = conversation(["sales/Current"])
        talk.expect(
            """
            list             -> f1 ViaEnhancedApi Completed @-300 |server=0
            details f1       -> \(details)
            commit prepared  -> ok !cancelled
            commit cancelled -> ok
            finish stopped there
            """
        )
    }

    @Test func `never adopts a standard refresh for a partition without its details`() {
        var talk = conversation(["sales/Old"])
        talk.expect(
            """
            list       -> f1 Scheduled Unknown @-60 |server=0
            details f1 -> wrong
            sleep 5    -> . !cancelled
            finish stopped there
            """
        )
    }
}

/// The refreshes that shared capacity allows in a day.
@Suite struct RefreshQuotaTests {
    private static func entries(_ count: Int, _ source: String = "ViaApi") -> String {
        (0..<count).map { "e\($0) \(source) Completed @-\(3600 * ($0 + 1))" }.joined(separator: "; ")
    }

    @Test func `asks for nothing when eight have been used, and says when the next is allowed`() {
        var talk = Conversation { $0.dailyQuota = 8 }
        talk.expect(
            """
            list            -> \(Self.entries(8)) |server=0
            commit rejected -> ok
            finish quota 8/8 free 57600
            """
        )
    }

    @Test func `counts schedules, and waits for enough of them to leave the day`() {
        var talk = Conversation { $0.dailyQuota = 8 }
        talk.expect(
            """
            list            -> \(Self.entries(9, "Scheduled")) |server=0
            commit rejected -> ok
            finish quota 9/8 free 57600
            """
        )
    }

    @Test func `counts by the service's clock`() {
        // The service is an hour ahead: the eighth began 25 hours before it.
        var talk = Conversation { $0.dailyQuota = 8 }
        talk.expect(
            """
            list            -> \(Self.entries(7)); old ViaApi Completed @-83000 |server=3600
            commit prepared -> ok !cancelled
            commit cancelled -> ok
            finish stopped there
            """
        )
    }

    @Test(arguments: [entries(7), entries(20, "OnDemand"), "e ViaApi Completed @-86400"])
    func `asks while there is room; what the portal began does not count`(_ history: String) {
        var talk = Conversation { $0.dailyQuota = 8 }
        talk.expect(
            """
            list            -> \(history) |server=0
            commit prepared -> ok !cancelled
            commit cancelled -> ok
            finish stopped there
            """
        )
    }

    @Test func `tells when to try again after the service has said that the day is used up`() {
        var talk = Conversation { $0.dailyQuota = 8 }
        talk.expect(
            """
            list            -> \(Self.entries(2)) |server=0
            commit prepared -> ok
            post            -> quota
            commit rejected -> ok
            finish failed quota_exhausted later until 79200
            """
        )
    }
}
