package import FreshetKit

/// The systems that this target connects to.
///
/// A new kind is one file in its system's folder, and one line here.
package enum Connectors {
    package static let catalog = Catalog(
        kinds: [DatabricksJob.self, DBTRun.self],
        probes: [
            DatabricksJobRunProbe.self, DeltaLogProbe.self, HTTPResourceProbe.self, S3ObjectProbe.self,
            S3PrefixProbe.self, SQLQueryProbe.self, SQLTableProbe.self,
        ],
        connections: [
            DatabricksConnection.self, DBTInstallation.self, FileConnection.self, HTTPConnection.self,
            PostgresConnection.self, S3Connection.self,
            SQLiteConnection.self,
        ],
        sources: [DBTSource.self],
        hintSources: [SQSHintSource.self],
        secretBackends: [
            ExecBackend.self, KeyVaultBackend.self, SecretsManagerBackend.self, VaultBackend.self,
        ]
    )
}
