package import FreshetKit

/// What this target adds to the words of a definition file.
package enum PowerBI {
    package static let catalog = Catalog(
        kinds: [DataflowRefresh.self, SemanticModelRefresh.self],
        connections: [PowerBIConnection.self]
    )
}
