import FreshetCore
import Testing

@testable import FreshetPowerBI

/// The service exception of a failed refresh, in each of its shapes.
@Suite struct FaultWordsTests {
    private func cause(_ exception: String) throws -> RootCause {
        let fault = try #require(RefreshFault(.text(exception)))
        return try #require(RootCause(of: RefreshRecord(status: "Failed", fault: fault)))
    }

    @Test func `what the data source said comes before what the gateway made of it`() throws {
        let cause = try cause(
            #"{"error":{"code":"DM_GWPipeline_Gateway_MashupDataAccessError","pbi.error":{"code":"DM_GWPipeline_Gateway_MashupDataAccessError","parameters":{},"details":[{"code":"DM_ErrorDetailNameCode_UnderlyingErrorCode","detail":{"type":1,"value":"-2147467259"}},{"code":"DM_ErrorDetailNameCode_UnderlyingErrorMessage","detail":{"type":1,"value":"The column Amount was not found"}},{"code":"Microsoft.Data.Mashup.ValueError.Reason","detail":{"type":1,"value":"Expression.Error"}}]}}}"#
        )
        #expect(cause.message == "The column Amount was not found")
        #expect(cause.code == "DM_GWPipeline_Gateway_MashupDataAccessError")
        #expect(cause.retry == .later)
    }

    @Test(arguments: [
        (#"{"errorCode":"DM_GWPipeline_Client_GatewayUnreachable"}"#, RetryClass.later, "see that its machine is up"),
        (#"{"errorCode":"Premium_ASWL_Error"}"#, .never, "take the model over"),
        (#"{"errorCode":"DM_GWPipeline_Gateway_DataSourceAccessError"}"#, .never, "enter them again"),
        (#"{"errorCode":"X","errorDescription":"0xC11C0020: evicted"}"#, .later, "ran short of memory"),
        (
            #"{"errorCode":"X","errorDescription":"One or more source tables do not exist"}"#, .later,
            "written a moment ago"
        ),
        (#"{"errorCode":"DMTS_OAuthTokenRefreshFailedError"}"#, .never, "sign in to its data sources again"),
    ])
    func `each class of failure says what to do`(_ exception: String, _ retry: RetryClass, _ mend: String) throws {
        let cause = try cause(exception)
        #expect(cause.retry == retry)
        #expect(cause.sentence.contains(mend), "\(cause.sentence)")
    }
}
