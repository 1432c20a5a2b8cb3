import Testing

@testable import FreshetCore

@Suite struct RootCauseTests {
    private func cause(
        messages: [RefreshMessage] = [],
        attempts: [RefreshFault] = [],
        fault: RefreshFault? = nil
    ) -> RootCause? {
        RootCause(
            of: RefreshRecord(
                status: "Failed",
                attempts: attempts.map { RefreshAttempt(fault: $0) },
                messages: messages,
                fault: fault
            )
        )
    }

    @Test func `picks the first line that is not a consequence of another`() {
        let description = """
            0xC11C0006: The current operation was cancelled because another operation in the transaction failed.
            0xC112001C: The command has been canceled.. The exception was raised by the IDbCommand interface.
              Expression.Error: The column 'Amount' was not found.
            """
        let cause = cause(
            fault: RefreshFault(code: "ModelRefresh_ShortMessage_ProcessingError", description: description)
        )
        #expect(cause?.message == "Expression.Error: The column 'Amount' was not found.")
        #expect(cause?.code == "ModelRefresh_ShortMessage_ProcessingError")
        #expect(cause?.retry == .later)
    }

    @Test func `takes the last attempt for the present one, and warnings for nothing`() {
        let cause = cause(
            messages: [RefreshMessage(text: "slow", severity: "Warning")],
            attempts: [RefreshFault(description: "first"), RefreshFault(description: "second")]
        )
        #expect(cause?.message == "second")
    }

    @Test func `takes a consequence when there is nothing else, and a code when there are no words`() {
        #expect(cause(messages: [RefreshMessage(text: "The command has been canceled.")])?.message != nil)
        #expect(cause(fault: RefreshFault(code: "Some_Code"))?.message == "Some_Code")
        #expect(cause() == nil)
    }

    @Test(arguments: [
        ("ModelRefreshFailed_CredentialsNotSpecified", FailureCode.credentials, RetryClass.never),
        ("DM_GWPipeline_Client_OAuthTokenRefreshFailedError", .credentials, .never),
        ("DMTS_OAuthTokenRefreshFailedError", .credentials, .never), ("Premium_ASWL_Error", .credentials, .never),
        ("DM_GWPipeline_Client_GatewayUnreachable", .remoteFailed, .later), ("0xC11C0020", .remoteFailed, .later),
        ("ModelRefresh_ShortMessage_ProcessingError", .remoteFailed, .later),
    ])
    func `knows which failures only a person can mend`(_ code: String, _ failure: FailureCode, _ retry: RetryClass) {
        let cause = cause(fault: RefreshFault(code: code, description: "something"))
        #expect(cause?.failureCode == failure)
        #expect(cause?.retry == retry)
    }
}
