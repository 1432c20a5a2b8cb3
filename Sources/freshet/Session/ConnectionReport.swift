import FreshetCore
import FreshetKit

/// What was found of one connection, for `freshet doctor` and for the daemon.
struct ConnectionReport {
    let name: String
    let kind: String
    let findings: [Finding]

    /// Looks at the connections of a project, one after the other; changes nothing.
    ///
    /// - Parameters:
    ///   - project: whose connections they are.
    ///   - connections: as they were made from it.
    ///   - only: the name of the one to look at; all otherwise.
    ///   - isRoutine: as ``Examination/isRoutine``.
    ///   - operations: as ``Examination/operations``.
    /// - Returns: one for each, in the order of the file.
    static func all(
        of project: Project,
        _ connections: Connections,
        only: String? = nil,
        isRoutine: Bool = false,
        operations: @escaping @Sendable (_ target: String) async -> [RemoteOperation]
    ) async -> [ConnectionReport] {
        var reports: [ConnectionReport] = []
        for definition in project.connections where only == nil || definition.name == only {
            let examination = Examination(
                kinds: kinds(through: definition.name, project),
                operations: operations,
                isRoutine: isRoutine
            )
            let findings = await (connections[definition.name] as? any Examinable)?.examine(examination)
            reports.append(
                ConnectionReport(name: definition.name, kind: definition.type.name, findings: findings ?? [])
            )
        }
        return reports
    }

    /// The assets whose settings name the connection.
    private static func kinds(through name: String, _ project: Project) -> [(asset: AssetKey, kind: any AssetKind)] {
        project.assets.compactMap { asset in
            guard case .materialized(let kind) = asset.work else { return nil }
            guard case .text(name)? = asset.settings.value["connection"]?.content else { return nil }
            return (asset.spec.key, kind)
        }
    }
}
