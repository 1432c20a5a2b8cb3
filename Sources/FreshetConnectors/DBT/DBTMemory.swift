private import Synchronization

/// The manifest that was read last; too large for a cursor, and read again after a restart.
final class DBTMemory: Sendable {
    struct Content: Sendable {
        var etag: String
        var project: DBTProject
    }

    private let state = Mutex<Content?>(nil)

    var content: Content? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
