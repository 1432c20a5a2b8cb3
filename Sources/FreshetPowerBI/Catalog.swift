package import FreshetKit

/// What this target adds to the words of a definition file.
package enum PowerBI {
    package static let catalog = Catalog(
        kinds: [SemanticModelRefresh.self],
        connections: [PowerBIConnection.self]
    )
}
