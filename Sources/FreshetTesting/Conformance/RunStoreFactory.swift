package import FreshetKit

/// Where a store comes from that is put to the test; one factory stands for one store that nothing else uses.
///
/// ``RunStoreConformance`` opens, closes and opens again, as processes that follow one another would.
package protocol RunStoreFactory: Sendable {
    /// Opens it to write. While such a store is open, a second one is refused with ``StoreError/held(by:)``.
    func open() async throws(StoreError) -> any RunStore

    /// Opens it to read, beside the one that writes.
    func openReader() async throws(StoreError) -> any RunStore
}

/// A promise that a store did not keep.
package struct ConformanceFailure: Error, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}
