package import FreshetKit

/// The systems that this target connects to.
///
/// A new kind is one file in its system's folder, and one line here.
package enum Connectors {
    package static let catalog = Catalog(
        kinds: [DatabricksJob.self],
        probes: [DatabricksJobRunProbe.self, S3ObjectProbe.self, SQLQueryProbe.self, SQLTableProbe.self],
        connections: [
            DatabricksConnection.self, FileConnection.self, PostgresConnection.self, S3Connection.self,
            SQLiteConnection.self,
        ],
        sources: [DBTSource.self],
        secretBackends: [
            ExecBackend.self, KeyVaultBackend.self, SecretsManagerBackend.self, VaultBackend.self,
        ]
    )
}
