import FreshetCore
import FreshetKit

/// The `${env:…}` that are set to nothing here, for `freshet check`.
enum UnsetVariables {
    /// One warning for each variable, at the first place that names it.
    ///
    /// No errors: files are often checked on another machine than the daemon's. Secrets are the matter of
    /// `freshet secrets check`.
    static func warnings(_ project: Project, _ environment: [String: String]) -> [Diagnostic] {
        var told: Set<String> = []
        return settings(of: project).flatMap { texts(in: $0.value) }.flatMap { text, origin in
            variables(in: text).filter { environment[$0] == nil && told.insert($0).inserted }.map { name in
                Diagnostic(
                    "the environment variable '\(name)' is not set here",
                    at: origin,
                    hint: "it has to be set where 'freshet up' runs",
                    severity: .warning
                )
            }
        }
    }

    private static func settings(of project: Project) -> [Settings] {
        project.secretBackends.map(\.settings) + project.connections.map(\.settings) + project.sources.map(\.settings)
            + project.hints.map(\.settings) + (project.server.map { [$0] } ?? []) + project.assets.map(\.settings)
    }

    private static func texts(in value: ConfigValue) -> [(String, Origin)] {
        switch value.content {
        case .text(let text): text.contains("${env:") ? [(text, value.origin)] : []
        case .list(let items): items.flatMap(texts)
        case .object(let entries): entries.flatMap { texts(in: $0.value) }
        case .boolean, .integer, .null, .number: []
        }
    }

    private static func variables(in text: String) -> [String] {
        do throws(SecretError) {
            return try ReferencePiece.pieces(of: text).compactMap { piece in
                if case .variable(let name) = piece { name } else { nil }
            }
        } catch {
            return []  // Malformed: reported where it is read.
        }
    }
}
