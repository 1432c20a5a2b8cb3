package import FreshetKit

/// What this target brings to definition files, in alphabetical order.
package enum Connectors {
    package static let catalog = Catalog(
        probes: [S3ObjectProbe.self, SQLTableProbe.self],
        connections: [FileConnection.self, PostgreSQLConnection.self, S3Connection.self, SQLiteFileConnection.self],
        sources: [DBTSource.self]
    )
}
