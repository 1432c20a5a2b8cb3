extension RemoteOperation.State {
    /// Whether nothing can follow; `unresolved` is not final, as a person decides what it was.
    public var isFinal: Bool {
        switch self {
        case .rejected, .notFound, .completed, .failed, .cancelled, .lost: true
        case .prepared, .ambiguous, .accepted, .unresolved: false
        }
    }

    /// Whether an operation in this state may be said to be in that one.
    ///
    /// A final state stays, and nothing becomes `prepared` again: it may have been sent.
    public func mayBecome(_ next: Self) -> Bool { next == self || !isFinal && next != .prepared }
}
