import Foundation

/// A PostgreSQL server of its own, on a Unix socket and a port of 127.0.0.1, thrown away with this value.
final class PostgresCluster {
    static let binaries = "/usr/lib/postgresql/15/bin"
    static let isAvailable =
        FileManager.default.isExecutableFile(atPath: binaries + "/initdb")
        && succeeds("sh", "-c", "test $(id -u) != 0 || setpriv --reuid=postgres --regid=postgres --clear-groups true")

    private let folder: String
    private let undertaker: ServerProcess
    private var server: ServerProcess?

    var url: String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-_.")
        let host = folder.addingPercentEncoding(withAllowedCharacters: allowed)!
        return "postgresql://postgres@\(host)/postgres"
    }

    init() throws {
        // A socket's path has to be short.
        folder = "/tmp/fr-pg-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        undertaker = try ServerProcess("exec sleep infinity", atEnd: "rm -rf \(folder)")
        guard succeeds("sh", "-c", "test $(id -u) != 0 || chown postgres \(folder)"),
            run("initdb -D \(folder)/data -A trust -U postgres --no-sync --locale=C -E UTF8")
        else { throw POSIXError(.EIO) }
        try start()
    }

    deinit { stop() }

    func start() throws {
        let options = "-c listen_addresses='' -c unix_socket_directories=\(folder) -c fsync=off"
        let postgres = "\(Self.asPostgres)\(Self.binaries)/postgres"
        let server = try ServerProcess("exec \(postgres) -D \(folder)/data \(options) 2>&1")
        guard server.waitForLine({ $0.contains("ready to accept connections") ? true : nil }) == true else {
            throw POSIXError(.EIO)
        }
        self.server = server
    }

    func stop() {
        _ = run("pg_ctl -D \(folder)/data stop -m immediate -w")
        server = nil
    }

    /// Runs SQL, and throws when that fails.
    func execute(_ sql: String) throws {
        guard succeeds("psql", "-v", "ON_ERROR_STOP=1", "-qAt", url, "-c", sql) else { throw POSIXError(.EINVAL) }
    }

    private func run(_ command: String) -> Bool {
        succeeds("sh", "-c", "\(Self.asPostgres)\(Self.binaries)/\(command)")
    }

    private static let asPostgres = getuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : ""
}
