internal import FreshetCore
package import FreshetKit

/// How much of what a project consists of, for `freshet check`.
package struct ProjectCounts: Hashable, Sendable {
    package struct Kind: Hashable, Sendable {
        package var name: String
        package var count: Int
    }

    /// The most frequent first, then by name.
    package var kinds: [Kind]
    package var materialized: Int
    package var observed: Int
    package var branches: Int
    package var connections: Int
    package var sources: Int
    /// Assets that Freshet acts on by itself.
    package var automated: Int

    package init(_ project: Project) {
        let specs = project.assets.map(\.spec)
        kinds = Dictionary(grouping: specs, by: \.labels.kind).map { Kind(name: $0.key, count: $0.value.count) }
            .sorted { ($1.count, $0.name) < ($0.count, $1.name) }
        materialized = specs.count { $0.isMaterialized }
        observed = specs.count { $0.isObserved }
        branches = specs.count { $0.isBranch }
        connections = project.connections.count
        sources = project.sources.count
        automated = specs.count { $0.policy.automation != nil }
    }
}
