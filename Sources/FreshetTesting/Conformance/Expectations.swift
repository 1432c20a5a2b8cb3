import FreshetKit

func expect(_ condition: Bool, _ promise: @autoclosure () -> String) throws(ConformanceFailure) {
    guard condition else { throw ConformanceFailure(promise()) }
}

func expectEqual<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws(ConformanceFailure) {
    guard found == wanted else { throw ConformanceFailure("\(what): found \(found), wanted \(wanted)") }
}

/// Fails unless the call throws, and that with an error that fits.
func expectRefusal<Value>(
    _ what: String,
    _ fits: (StoreError) -> Bool = { _ in true },
    _ call: () async throws(StoreError) -> Value
) async throws(ConformanceFailure) {
    do throws(StoreError) {
        _ = try await call()
    } catch {
        guard fits(error) else { throw ConformanceFailure("\(what): refused with the wrong error, \(error)") }
        return
    }
    throw ConformanceFailure("\(what): was not refused")
}

extension StoreSnapshot {
    /// The name of the first member in which two snapshots differ.
    func difference(from other: StoreSnapshot) -> String? {
        if observations != other.observations { return "observations" }
        if materializations != other.materializations { return "materializations" }
        if cursors != other.cursors { return "cursors" }
        if pauses != other.pauses || isPaused != other.isPaused { return "pauses" }
        if pendingTriggers != other.pendingTriggers { return "pendingTriggers" }
        if unfinishedRuns.map(\.run) != other.unfinishedRuns.map(\.run) { return "unfinishedRuns" }
        if unfinishedRuns.map(\.steps) != other.unfinishedRuns.map(\.steps) { return "steps of unfinishedRuns" }
        let operations = unfinishedRuns.flatMap(\.operations)
        let others = other.unfinishedRuns.flatMap(\.operations)
        if operations.map(\.operation) != others.map(\.operation) { return "operations of unfinishedRuns" }
        if operations.map(\.events) != others.map(\.events) { return "events of unfinishedRuns" }
        if lastSteps != other.lastSteps { return "lastSteps" }
        if staleSince != other.staleSince { return "staleSince" }
        if lastLooks != other.lastLooks { return "lastLooks" }
        return nil
    }
}
