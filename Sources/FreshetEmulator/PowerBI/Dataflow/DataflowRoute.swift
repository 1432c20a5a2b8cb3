/// A route about dataflows; all name their workspace.
enum DataflowRoute: Hashable, Sendable {
    case dataflows(group: String)
    case datasources(group: String, dataflow: String)
    case refresh(group: String, dataflow: String)
    case transactions(group: String, dataflow: String)
    case cancel(group: String, transaction: String)
    /// Which models read which dataflows.
    case upstream(group: String)

    /// Nil when the path, behind the workspace, is another's.
    init?(_ method: String, group: String, _ parts: [String]) {
        switch (method, parts.first, parts.count) {
        case ("GET", "dataflows", 1): self = .dataflows(group: group)
        case ("GET", "dataflows", 3) where parts[2] == "datasources":
            self = .datasources(group: group, dataflow: parts[1])
        case ("GET", "dataflows", 3) where parts[2] == "transactions":
            self = .transactions(group: group, dataflow: parts[1])
        case ("POST", "dataflows", 3) where parts[2] == "refreshes":
            self = .refresh(group: group, dataflow: parts[1])
        case ("POST", "dataflows", 4) where parts[1] == "transactions" && parts[3] == "cancel":
            self = .cancel(group: group, transaction: parts[2])
        case ("GET", "datasets", 2) where parts[1] == "upstreamDataflows": self = .upstream(group: group)
        default: return nil
        }
    }

    var kind: CallKind {
        switch self {
        case .cancel: .dataflowCancel
        case .dataflows: .dataflows
        case .datasources: .datasources
        case .refresh: .dataflowRefresh
        case .transactions: .dataflowTransactions
        case .upstream: .upstreamDataflows
        }
    }

    /// The id of the dataflow it is about, as the path spells it.
    var dataflow: String? {
        switch self {
        case .datasources(_, let id), .refresh(_, let id), .transactions(_, let id): id
        case .cancel, .dataflows, .upstream: nil
        }
    }
}
