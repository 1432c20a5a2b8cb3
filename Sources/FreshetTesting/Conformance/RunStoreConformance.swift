/// What every ``RunStore`` has to keep, one check for each promise.
///
/// Give each check a factory of its own, with an empty store behind it:
///
///     @Test(arguments: RunStoreConformance.checks)
///     func `keeps its promises`(_ check: RunStoreConformance.Check) async throws {
///         try await check.run(MyFactory())
///     }
package enum RunStoreConformance {
    /// One promise.
    package struct Check: Sendable, CustomStringConvertible {
        /// The promise as a sentence.
        package let name: String
        /// Throws ``ConformanceFailure`` when the promise is not kept, and whatever the store threw unasked.
        package let run: @Sendable (any RunStoreFactory) async throws -> Void

        package var description: String { name }

        init(_ name: String, _ run: @escaping @Sendable (any RunStoreFactory) async throws -> Void) {
            self.name = name
            self.run = run
        }
    }

    package static let checks =
        epochs + ticks + triggers + runs + steps + budgets + operations + reading + opening + slots + effects
}
