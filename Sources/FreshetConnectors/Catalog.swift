package import FreshetKit

/// The systems that this target connects to.
///
/// A new kind is one file in its system's folder, and one line here.
package enum Connectors {
    package static let catalog = Catalog(
        kinds: [DBTRun.self],
        probes: [S3ObjectProbe.self, SQLTableProbe.self],
        connections: [
            DBTInstallation.self, FileConnection.self, HTTPArtifacts.self, PostgresConnection.self, S3Connection.self,
            SQLiteConnection.self,
        ],
        sources: [DBTSource.self],
        secretBackends: [
            ExecBackend.self, KeyVaultBackend.self, SecretsManagerBackend.self, VaultBackend.self,
        ]
    )
}
