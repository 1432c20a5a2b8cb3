import Synchronization

/// How many requests each route has answered, by status.
final class RequestCounts: Sendable {
    struct Key: Hashable { var route: String; var status: Int }
    private let counts = Mutex<[Key: Int]>([:])

    func count(route: String, status: Int) {
        counts.withLock { $0[Key(route: route, status: status), default: 0] += 1 }
    }

    var all: [Key: Int] { counts.withLock { $0 } }
}
