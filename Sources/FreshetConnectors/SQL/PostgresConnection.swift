private import FreshetCore
package import FreshetKit

/// A PostgreSQL database, or one that speaks its protocol, that is only read.
///
/// One session is kept and serves one question after the other; it is opened again when it was lost, or when its URL
/// resolves to something else.
package struct PostgresConnection: SQLDatabase {
    package static let name = "postgresql"
    package static let summary = "A PostgreSQL database that is only read."
    package static let fields = [
        Field(
            "url",
            .secret,
            required: true,
            "The database's address: postgresql://user:password@host:5432/database?sslmode=verify-full"
        )
    ]
    package static let examples = [
        """
        kind: postgresql
        url: ${secret:file/warehouse_url}
        """
    ]
    static let dialect = SQLDialect.postgresql

    private let url: String
    private let surroundings: Surroundings
    private let session: PostgresSession

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        url = try settings.requiredText("url")
        self.surroundings = surroundings
        session = PostgresSession(redactor: surroundings.redactor)
    }

    func query(_ statement: String, timeout: Duration) async throws(SQLError) -> SQLAnswer {
        let address: String
        do throws(SecretError) {
            address = try await surroundings.secrets.resolve(url)
        } catch {
            throw .noCredentials(error)
        }
        return try await session.query(statement, at: address, timeout: timeout)
    }
}
