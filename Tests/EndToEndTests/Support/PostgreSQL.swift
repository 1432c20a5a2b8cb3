import Foundation
import Testing

/// A PostgreSQL server of our own, reached through a socket in its folder.
final class PostgreSQL: Sendable {
    static let user = "freshet"
    static let password = "Kl8vMq2warehouse"

    let folder: String
    private let owner: TemporaryFolder
    private let programs: String
    private let server: Running

    init() async throws {
        let programs = try #require(Place.postgres)
        let owner = try TemporaryFolder()
        let folder = owner.path
        let password = folder + "/password"
        try Self.password.write(toFile: password, atomically: true, encoding: .utf8)
        // The server refuses to run as root.
        let prefix = geteuid() == 0 ? ["/sbin/runuser", "-u", "postgres", "--"] : []
        if !prefix.isEmpty { try await Running(["/bin/chown", "-R", "postgres", folder], in: "/").ended().expect() }
        try await Running(
            prefix + [
                programs + "/initdb", "--pgdata=\(folder)/data", "--no-sync", "--auth=scram-sha-256",
                "--username=\(Self.user)", "--pwfile=\(password)",
            ],
            in: "/"
        ).ended().expect()
        server = try Running(
            prefix + [programs + "/postgres", "-D", "\(folder)/data", "-F", "-k", folder, "-c", "listen_addresses="],
            in: "/"
        )
        (self.folder, self.owner, self.programs) = (folder, owner, programs)
        _ = try await eventually("the PostgreSQL server") { try await query("select 1", in: "postgres") }
    }

    /// Ends the server at once; nothing in it is worth keeping.
    func stop() async throws {
        let lines = try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8).split(separator: "\n")
        // The first line is the server itself, whatever stands between it and us.
        kill(try #require(lines.first.flatMap { Int32($0) }), SIGQUIT)
        try await server.ended()
    }

    func query(_ sql: String, in database: String) async throws {
        let arguments = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", Self.user, "-d", database, "-c", sql]
        try await Running([programs + "/psql"] + arguments, in: "/", environment: ["PGPASSWORD": Self.password])
            .ended().expect()
    }

    func url(of database: String) -> String { "postgresql://\(Self.user):\(Self.password)@/\(database)?host=\(folder)" }
}
