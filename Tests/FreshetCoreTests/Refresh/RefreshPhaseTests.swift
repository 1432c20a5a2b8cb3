import Testing

@testable import FreshetCore

@Suite struct RefreshPhaseTests {
    @Test(arguments: [
        ("Completed", "-", true, RefreshPhase.completed), ("completed", "COMPLETED", true, .completed),
        ("Completed", "Unknown", true, .completed), ("Unknown", "Completed", true, .completed),
        ("-", "Completed", true, .completed),
        // An end that something contradicts is no end.
        ("Unknown", "Completed", false, .running), ("Failed", "Completed", true, .running),
        ("Completed", "InProgress", true, .running), ("Completed", "Failed", true, .failed),
        ("Unknown", "-", false, .running), ("-", "-", false, .running), ("Wonderful", "Marvellous", true, .running),
        ("Unknown", "NotStarted", false, .running), ("Failed", "TimedOut", true, .timedOut),
        ("Cancelled", "-", true, .cancelled), ("Disabled", "Disabled", true, .disabled), ("Failed", "-", true, .failed),
    ])
    func `reads how far a refresh has come`(
        _ status: String?,
        _ extended: String?,
        _ hasEnd: Bool,
        _ phase: RefreshPhase
    ) {
        let record = RefreshRecord(
            endedAt: hasEnd ? Timestamp(seconds: 1) : nil,
            status: status == "-" ? nil : status,
            extendedStatus: extended == "-" ? nil : extended
        )
        #expect(record.phase == phase)
    }
}
