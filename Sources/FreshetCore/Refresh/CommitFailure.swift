/// Why an operation was not written down.
package enum CommitFailure: Hashable, Sendable {
    /// A newer process writes.
    case superseded
    /// Another operation of ours is in flight on the same target.
    case targetBusy
    case failed(String)
}
