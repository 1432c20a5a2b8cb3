import FreshetTesting
import Testing

struct SQLiteConformanceTests {
    @Test(arguments: RunStoreConformance.checks)
    func `the store in SQLite keeps each promise`(_ check: RunStoreConformance.Check) async throws {
        try await check.run(SQLiteFactory())
    }
}
