package import FreshetKit

/// Why a project did not load.
package enum LoadError: Error, Sendable, CustomStringConvertible {
    /// There is no `freshet.yaml` in that folder.
    case noProject(folder: String)
    /// Every mistake of its files, by file, line and column; at least one is an error.
    case invalid([Diagnostic])

    package var diagnostics: [Diagnostic] {
        switch self {
        case .noProject: []
        case .invalid(let diagnostics): diagnostics
        }
    }

    package var description: String {
        switch self {
        case .noProject(let folder): "no freshet.yaml in \(folder) or above"
        case .invalid(let diagnostics): diagnostics.map(\.description).joined(separator: "\n")
        }
    }
}

/// A project without mistakes, and what is doubtful about it.
package struct LoadedProject: Sendable {
    package var project: Project
    package var warnings: [Diagnostic]
}

/// What discovery needs of a project, before its assets are known.
package struct LoadedSources: Sendable {
    /// The project's folder, absolute.
    package var root: String
    /// The name of the environment that applies, if any.
    package var environment: String?
    package var secretBackends: [SecretBackendDefinition]
    package var connections: [ConnectionDefinition]
    package var sources: [SourceDefinition]
    package var warnings: [Diagnostic]
}
