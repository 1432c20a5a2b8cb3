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
    /// The port of 127.0.0.1 where it takes sessions by TLS alone; `nil` for none.
    let securePort: Int?

    var url: String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-_.")
        let host = folder.addingPercentEncoding(withAllowedCharacters: allowed)!
        return "postgresql://postgres@\(host)\(securePort.map { ":\($0)" } ?? "")/postgres"
    }

    /// The file of the authority that signed the server's certificate, which is for `localhost`.
    var authority: String { "\(folder)/ca.crt" }

    init(securePort: Int? = nil) throws {
        self.securePort = securePort
        // A socket's path has to be short.
        folder = "/tmp/fr-pg-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        undertaker = try ServerProcess("exec sleep infinity", atEnd: "rm -rf \(folder)")
        guard succeeds("sh", "-c", "test $(id -u) != 0 || chown postgres \(folder)"),
            run("initdb -D \(folder)/data -A trust -U postgres --no-sync --locale=C -E UTF8")
        else { throw POSIXError(.EIO) }
        if securePort != nil { try makeSecure() }
        try start()
    }

    /// A server certificate of an authority of its own, and no session over TCP without TLS or without a password.
    private func makeSecure() throws {
        let script = """
            cd \(folder) \
            && openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=authority -days 2 \
            && openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost \
            && printf 'subjectAltName=DNS:localhost' > names \
            && openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile names \
            && cp server.crt server.key data/ && chmod 600 data/server.key && chmod 644 ca.crt && chmod 755 . \
            && printf 'local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n' > data/pg_hba.conf \
            && { test $(id -u) != 0 || chown postgres data/server.key data/server.crt data/pg_hba.conf; }
            """
        guard succeeds("sh", "-c", "{ \(script); } 2>/dev/null") else { throw POSIXError(.EIO) }
    }

    deinit { stop() }

    func start() throws {
        let network =
            securePort.map { "-c listen_addresses=127.0.0.1 -c port=\($0) -c ssl=on" } ?? "-c listen_addresses=''"
        let options = "\(network) -c unix_socket_directories=\(folder) -c fsync=off"
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
