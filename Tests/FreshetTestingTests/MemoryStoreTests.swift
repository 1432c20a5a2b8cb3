import FreshetTesting
import Testing

struct MemoryStoreTests {
    @Test(arguments: RunStoreConformance.checks)
    func `the store in memory keeps each promise`(_ check: RunStoreConformance.Check) async throws {
        try await check.run(MemoryDisk())
    }
}
