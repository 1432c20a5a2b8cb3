import FreshetCore
import Glibc

/// Where the daemon of a store listens.
enum SocketPath {
    /// The longest path that fits `sockaddr_un.sun_path` with its terminator (unix(7)).
    private static let longest = 107

    /// Beside the store; where that is too long, a hashed name in the user's runtime folder.
    static func of(store: String) -> String {
        let beside = store + ".sock"
        guard beside.utf8.count > longest else { return beside }
        var hash = Fingerprint()
        hash.add(store)
        let folder = Wiring.environment["XDG_RUNTIME_DIR"] ?? "/tmp/freshet-\(geteuid())"
        mkdir(folder, 0o700)
        return "\(folder)/freshet-\(hash.hexadecimal).sock"
    }
}
