/// A route about what workspaces hold beside refreshes and schedules.
enum ContentRoute: Hashable, Sendable {
    case group(String)
    case dashboards(group: String?)
    case dashboard(group: String?, id: String)
    case tiles(group: String?, dashboard: String)
    case tile(group: String?, dashboard: String, id: String)
    case reports(group: String?)
    case report(group: String?, id: String)
    case reportDatasources(group: String?, report: String)
    case datasources(group: String?, dataset: String)
    case parameters(group: String?, dataset: String)
    case directQuerySchedule(group: String?, dataset: String)
    case changeDirectQuerySchedule(group: String?, dataset: String)
    case takeOver(group: String, dataset: String)
    case executeQueries(group: String?, dataset: String)

    /// Nil when the path, behind the workspace named in front, is another's.
    init?(_ method: String, group: String?, _ parts: [String]) {
        switch (method, parts.first, parts.count) {
        case ("GET", nil, _):
            guard let group else { return nil }
            self = .group(group)
        case ("GET", "dashboards", 1): self = .dashboards(group: group)
        case ("GET", "dashboards", 2): self = .dashboard(group: group, id: parts[1])
        case ("GET", "dashboards", 3) where parts[2] == "tiles": self = .tiles(group: group, dashboard: parts[1])
        case ("GET", "dashboards", 4) where parts[2] == "tiles":
            self = .tile(group: group, dashboard: parts[1], id: parts[3])
        case ("GET", "reports", 1): self = .reports(group: group)
        case ("GET", "reports", 2): self = .report(group: group, id: parts[1])
        case ("GET", "reports", 3) where parts[2] == "datasources":
            self = .reportDatasources(group: group, report: parts[1])
        case (_, "datasets", 3):
            guard let route = ContentRoute(method, group: group, dataset: parts[1], parts[2]) else { return nil }
            self = route
        default: return nil
        }
    }

    private init?(_ method: String, group: String?, dataset: String, _ facet: String) {
        switch (method, facet) {
        case ("GET", "datasources"): self = .datasources(group: group, dataset: dataset)
        case ("GET", "parameters"): self = .parameters(group: group, dataset: dataset)
        case ("GET", "directQueryRefreshSchedule"): self = .directQuerySchedule(group: group, dataset: dataset)
        case ("PATCH", "directQueryRefreshSchedule"): self = .changeDirectQuerySchedule(group: group, dataset: dataset)
        case ("POST", "executeQueries"): self = .executeQueries(group: group, dataset: dataset)
        case ("POST", "Default.TakeOver"):
            // Only the form with a workspace exists.
            guard let group else { return nil }
            self = .takeOver(group: group, dataset: dataset)
        default: return nil
        }
    }

    var kind: CallKind {
        switch self {
        case .changeDirectQuerySchedule: .directQuerySchedulePatch
        case .dashboard, .dashboards: .dashboards
        case .datasources, .reportDatasources: .datasources
        case .directQuerySchedule: .directQueryScheduleGet
        case .executeQueries: .executeQueries
        case .group: .group
        case .parameters: .parameters
        case .report, .reports: .reports
        case .takeOver: .takeOver
        case .tile, .tiles: .tiles
        }
    }

    /// The id of the model it is about, as the path spells it.
    var model: String? {
        switch self {
        case .datasources(_, let id), .parameters(_, let id), .directQuerySchedule(_, let id),
            .changeDirectQuerySchedule(_, let id), .executeQueries(_, let id), .takeOver(_, let id):
            id
        default: nil
        }
    }
}
