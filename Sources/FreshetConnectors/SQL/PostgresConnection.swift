private import FreshetCore
package import FreshetKit

/// A PostgreSQL database, or one that speaks its protocol, that is only read.
///
/// Up to three sessions are kept, so that a slow question does not keep the others waiting. Each is opened when it is
/// needed, and again when it was lost or its URL resolves to something else.
package struct PostgresConnection: SQLDatabase {
    package static let name = "postgresql"
    package static let summary = "A PostgreSQL database that is only read."
    package static let fields = [
        Field(
            "url",
            .secret,
            required: true,
            "The database's address: postgresql://user:password@host:5432/database?sslmode=verify-full"
        ),
        SQLBatch.field,
    ]
    package static let examples = [
        """
        kind: postgresql
        url: ${secret:file/warehouse_url}
        """
    ]
    static let dialect = SQLDialect.postgresql

    let batch: SQLBatch?
    private let door: PostgresDoor

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        let door = PostgresDoor(
            url: try settings.requiredText("url"),
            secrets: surroundings.secrets,
            sessions: PostgresSessions(redactor: surroundings.redactor, clock: surroundings.clock)
        )
        self.door = door
        batch = try SQLBatch(from: settings, surroundings.clock) { statement, limit throws(SQLError) in
            try await door.query(statement, rows: 1, within: limit)
        }
    }

    func query(_ statement: String, rows: Int, within limit: SQLLimit) async throws(SQLError) -> SQLAnswer {
        try await door.query(statement, rows: rows, within: limit)
    }
}

/// The sessions behind an address that may hold secrets.
private struct PostgresDoor: Sendable {
    let url: String
    let secrets: any Secrets
    let sessions: PostgresSessions

    func query(_ statement: String, rows: Int, within limit: SQLLimit) async throws(SQLError) -> SQLAnswer {
        let address = try await self.address()
        do throws(SQLError) {
            return try await sessions.query(statement, rows: rows, at: address, within: limit)
        } catch {
            guard case .credentialsRefused = error else { throw error }
            // The secret may have been changed since it was read; the same one again would only be refused again.
            await secrets.forget(url)
            let renewed = try await self.address()
            guard renewed != address else { throw error }
            return try await sessions.query(statement, rows: rows, at: renewed, within: limit)
        }
    }

    private func address() async throws(SQLError) -> String {
        do throws(SecretError) {
            return try await secrets.resolve(url)
        } catch {
            throw .noCredentials(error)
        }
    }
}
