package import FreshetKit

extension SQLDatabase {
    /// Connects, and asks the least question there is.
    func findings() async -> [Finding] {
        do throws(SQLError) {
            _ = try await query("SELECT 1", timeout: .seconds(30))
            return [Finding("connect", .ok, "connected, and it answers")]
        } catch {
            let mend =
                error.isTransient
                ? "see that the database is up, and can be reached from this machine"
                : "check the connection's url and the rights of its user"
            return [Finding("connect", .fail, error.description, mend: mend)]
        }
    }
}

extension PostgresConnection: Examinable {
    package func examine(_ examination: Examination) async -> [Finding] { await findings() }
}

extension SQLiteConnection: Examinable {
    package func examine(_ examination: Examination) async -> [Finding] { await findings() }
}
