import FreshetKit
import FreshetTesting
import Testing

struct ConformanceTests {
    struct Factory: AccessStoreFactory {
        func open() async throws(StoreError) -> (store: any AccessStore, epoch: Epoch) {
            (MemoryAccessStore(epoch: Epoch(3)), Epoch(3))
        }
    }

    @Test(arguments: AccessStoreConformance.checks)
    func `the store in memory keeps each promise`(_ check: AccessStoreConformance.Check) async throws {
        try await check.run(Factory())
    }
}
