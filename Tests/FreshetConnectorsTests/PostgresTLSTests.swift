import Foundation
import FreshetCore
import FreshetKit
import RawServer
import Synchronization
import Testing

@testable import FreshetConnectors

/// A server that takes sessions by TLS alone, with a certificate for `localhost`.
@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(3)), .serialized)
struct `A PostgreSQL server with TLS` {
    private nonisolated(unsafe) static let cluster = Result {
        let free = RawServer { _ in }
        free.stop()
        let cluster = try PostgresCluster(securePort: Int(free.port))
        try cluster.execute("ALTER USER postgres PASSWORD 'right-password'")
        return cluster
    }
    private let cluster: PostgresCluster

    init() throws { cluster = try Self.cluster.get() }

    private func url(_ mode: String, host: String = "localhost", password: String = "right-password") -> String {
        let port = cluster.securePort ?? 0
        return "postgresql://postgres:\(password)@\(host):\(port)/postgres?hostaddr=127.0.0.1&\(mode)"
    }

    private func ask(_ url: String) async throws -> SQLAnswer {
        let connection = try PostgresConnection(from: settings(["url": .text(url)]), in: surroundings())
        return try await connection.query(
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
            timeout: .seconds(10)
        )
    }

    @Test(arguments: [
        "sslmode=require", "sslmode=prefer", "sslmode=allow", "sslmode=verify-ca&", "sslmode=verify-full&",
    ])
    func `is asked by TLS in each mode that allows it`(mode: String) async throws {
        let trusted = mode.hasSuffix("&") ? "sslrootcert=\(cluster.authority)" : ""
        #expect(try await ask(url(mode + trusted)).row == [.text("t")])
    }

    @Test func `lets nobody in without TLS`() async throws {
        let error = await #expect(throws: SQLError.self) { try await ask(url("sslmode=disable")) }
        guard case .credentialsRefused? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `of another name passes verify-ca, and not verify-full`() async throws {
        let trusted = "&sslrootcert=\(cluster.authority)"
        #expect(try await ask(url("sslmode=verify-ca" + trusted, host: "other.example")).row == [.text("t")])
        let error = await #expect(throws: SQLError.self) {
            try await ask(url("sslmode=verify-full" + trusted, host: "other.example"))
        }
        #expect(error?.description.contains("other.example") == true)
    }

    @Test func `of an authority that is not trusted is refused by verify-ca`() async throws {
        let own = try temporaryFolder() + "/other.crt"
        #expect(
            succeeds(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                own + ".key",
                "-out",
                own,
                "-subj",
                "/CN=x",
                "-days",
                "2"
            )
        )
        await #expect(throws: SQLError.self) { try await ask(url("sslmode=verify-ca&sslrootcert=\(own)")) }
    }

    @Test func `that refuses the password has it read anew once`() async throws {
        let secrets = RotatingSecrets([url("sslmode=require", password: "wrong-password"), url("sslmode=require")])
        var seams = try surroundings()
        seams.secrets = secrets
        let connection = try PostgresConnection(from: settings(["url": "${secret:x}"]), in: seams)
        #expect(try await connection.query("SELECT 1", timeout: .seconds(10)).row == [.integer(1)])
        #expect(secrets.forgotten.withLock { $0 } == 1)
    }

    @Test func `that goes on refusing the password is told so, without it`() async throws {
        let error = await #expect(throws: SQLError.self) {
            try await ask(url("sslmode=require", password: "wrong-password"))
        }
        guard case .credentialsRefused(let message)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("28P01") && !message.contains("wrong-password"))
        #expect(error?.isTransient == false)
    }
}

/// One value after the other, the next one when the present one is forgotten.
private final class RotatingSecrets: Secrets {
    private let values: Mutex<[String]>
    let forgotten = Mutex(0)

    init(_ values: [String]) { self.values = Mutex(values) }

    func resolve(_ text: String) async throws(SecretError) -> String { values.withLock { $0[0] } }

    func forget(_ text: String) async {
        forgotten.withLock { $0 += 1 }
        values.withLock { if $0.count > 1 { $0.removeFirst() } }
    }
}
