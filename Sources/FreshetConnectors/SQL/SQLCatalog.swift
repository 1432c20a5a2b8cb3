package import FreshetKit

/// What this folder offers to definition files.
package enum SQL {
    package static let connections: [any Connection.Type] = [PostgreSQLConnection.self, SQLiteFileConnection.self]
    package static let probes: [any Probe.Type] = [SQLTableProbe.self]
}
