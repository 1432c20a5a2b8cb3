package import FreshetKit
private import Synchronization

/// A PostgreSQL database, read over one connection that is kept and renewed when it breaks.
package final class PostgreSQLConnection: SQLDatabase {
    package static let name = "postgresql"
    package static let summary = "A PostgreSQL database, read only."
    package static let fields = [
        Field(
            "url",
            .secret,
            required: true,
            "postgresql://user:password@host:5432/database?sslmode=verify-full, or a reference to it."
        )
    ]
    package static let examples = [
        """
        kind: postgresql
        url: ${secret:file/warehouse_url}
        """
    ]
    static let dialect = SQLDialect.postgreSQL

    private let url: String
    private let surroundings: Surroundings
    private let lane = SQLLane("freshet.postgresql")
    /// Touched only in the lane, so that nobody waits for this lock.
    private let session = Mutex<PostgreSQLSession?>(nil)

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        url = try settings.requiredText("url")
        self.surroundings = surroundings
        guard !url.isEmpty else {
            throw Diagnostic("'url' is empty", at: settings.origin(of: "url"), hint: "write postgresql://…")
        }
    }

    func read(_ query: SQLQuery, within limit: Duration) async throws(SQLError) -> [[SQLValue]] {
        let url = try await address()
        let redactor = surroundings.redactor
        return try await lane.run(within: limit) { [self] call throws(SQLError) in
            try session.withLock { session throws(SQLError) in
                // A secret that was replaced takes effect at the next look.
                if session?.url != url { session = nil }
                defer { if session?.isUsable == false { session = nil } }
                if let rows = try session?.readIfAlive(query, call) { return rows }
                let fresh = try PostgreSQLSession(url, redactor, call)
                session = fresh
                return try fresh.read(query, call)
            }
        }
    }

    private func address() async throws(SQLError) -> String {
        do { return try await surroundings.secrets.resolve(url) } catch { throw .noSecret(error) }
    }
}
