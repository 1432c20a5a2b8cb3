import FreshetCore
private import Synchronization

/// The manifest that was read last; too large for a cursor, and read again after a restart.
final class DBTMemory: Sendable {
    struct Content: Sendable {
        var etag: String
        var project: DBTProject
    }

    /// A look at the results that dbt overwrites.
    struct Look: Sendable {
        var etag: String
        var at: Timestamp
    }

    private let state = Mutex<Content?>(nil)
    private let last = Mutex<Look?>(nil)

    var content: Content? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    /// The last one; `nil` after a restart.
    var look: Look? {
        get { last.withLock { $0 } }
        set { last.withLock { $0 = newValue } }
    }
}
