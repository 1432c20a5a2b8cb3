package import FreshetKit

/// What this target brings to definition files, in alphabetical order.
package enum Connectors {
    package static let catalog = Catalog(
        probes: [
            S3ObjectProbe.self
        ],
        connections: [
            FileConnection.self,
            S3Connection.self,
        ],
        sources: [
            DBTSource.self
        ]
    )
}
