import FreshetCore
import FreshetKit

/// Which Power BI models the exposures of a project name.
///
/// dbt has no key of its own for that. In this order: `meta.freshet.powerbi_dataset` (a model's id or name, or
/// `workspace/model`), `meta.powerbi_dataset_id`, the ids in the exposure's `url`. People mostly paste the address of
/// a report there, and only the service knows which model stands behind it.
struct DBTExposureLinks {
    static let kind = "powerbi.semantic_model"

    private let directory: (any ReportDirectory)?

    /// Asks nobody where there is no such connection: then ids link to ids, names to names, and reports to nothing.
    init(_ connection: String?, _ context: ProbeContext) {
        directory = connection.flatMap { context.connections[$0] } as? any ReportDirectory
    }

    /// What an exposure says of itself.
    enum Target: Hashable {
        case model(String, workspace: String?)
        case report(String, workspace: String)
    }

    func links(of project: DBTProject) async -> [String: [AssetLink]] {
        var links: [String: [AssetLink]] = [:]
        for (id, exposure) in project.exposures {
            guard let target = Self.target(of: exposure), let link = await link(target) else { continue }
            links[id] = [link]
        }
        return links
    }

    private func link(_ target: Target) async -> AssetLink? {
        var address: ReportModel?
        // A service that cannot be asked now costs the names, and the link of a report, until it can.
        switch target {
        case .model(let model, let workspace?) where Self.isID(model) && Self.isID(workspace):
            address = try? await directory?.model(model, in: workspace)
        case .report(let report, let workspace): address = try? await directory?.model(ofReport: report, in: workspace)
        case .model: break
        }
        switch target {
        case .report where address == nil: return nil
        case .model(let model, let workspace):
            let known = address ?? ReportModel(models: [], workspaces: [])
            var settings = ["model": [model] + known.models]
            if let workspace { settings["workspace"] = [workspace] + known.workspaces }
            return AssetLink(kind: Self.kind, settings: settings)
        case .report:
            guard let address else { return nil }
            return AssetLink(kind: Self.kind, settings: ["model": address.models, "workspace": address.workspaces])
        }
    }

    static func target(of exposure: DBTManifest.Exposure) -> Target? {
        for meta in [exposure.config?.value?.meta?.value, exposure.meta?.value] {
            if let stated = meta?.freshet?.value?.powerBIDataset?.value ?? meta?.powerBIDataset?.value {
                return target(stated)
            }
        }
        return exposure.url?.value.flatMap(target(ofURL:))
    }

    private static func target(_ stated: String) -> Target? {
        guard let slash = stated.lastIndex(of: "/") else {
            return stated.isEmpty ? nil : .model(stated, workspace: nil)
        }
        let workspace = stated[..<slash]
        let model = stated[stated.index(after: slash)...]
        guard !workspace.isEmpty, !model.isEmpty else { return nil }
        return .model(String(model), workspace: String(workspace))
    }

    /// The ids in the address of a page of Power BI.
    ///
    /// `/groups/me/` is the workspace of whoever looks, and `/view?r=` names neither report nor model.
    static func target(ofURL url: String) -> Target? {
        let path = url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").map(String.init)
        guard let start = path.firstIndex(of: "groups"), path.count > start + 3, isID(path[start + 1]) else {
            return nil
        }
        let (workspace, what, id) = (path[start + 1], path[start + 2].lowercased(), path[start + 3])
        guard isID(id) else { return nil }
        switch what {
        case "datasets", "semanticmodels": return .model(id, workspace: workspace)
        case "reports", "rdlreports": return .report(id, workspace: workspace)
        default: return nil
        }
    }

    /// Whether it has the form of a GUID.
    private static func isID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }
}
