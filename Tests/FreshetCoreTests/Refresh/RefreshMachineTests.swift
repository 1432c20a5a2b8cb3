import Testing

@testable import FreshetCore

@Suite struct RefreshMachineTests {
    @Test func `asks once, looks at its own id, and ends with Completed`() {
        var talk = Conversation()
        talk.expect(
            """
            list            -> old ViaApi Completed @-600
            commit prepared -> ok
            post            -> 202 r1
            commit accepted -> ok
            sleep 5         -> .
            details r1      -> Unknown/NotStarted
            sleep 7.5       -> .
            details r1      -> Unknown/InProgress
            sleep 11.25     -> .
            details r1      -> Completed/Completed
            commit completed -> ok
            finish succeeded r1
            """
        )
        #expect(talk.machine.operation.knownIDs == ["old"])
    }

    @Test func `does not post when the intent cannot be written down`() {
        for (reply, end) in [
            ("superseded", "finish left"),
            ("busy", "finish failed foreign_refresh_running later"),
        ] {
            var talk = Conversation()
            talk.expect(
                """
                list            -> empty
                commit prepared -> \(reply)
                \(end)
                """
            )
        }
    }

    @Test func `writes the intent again when the store could not, and posts only then`() {
        var talk = Conversation()
        talk.expect(
            """
            list            -> empty
            commit prepared -> fails
            sleep 5         -> .
            commit prepared -> ok
            post            -> wrong
            commit rejected -> ok
            finish failed bad_request never
            """
        )
    }
}
