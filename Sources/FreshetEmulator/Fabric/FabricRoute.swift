/// A route of the Fabric API, which the Power BI host serves as well (facts §0.11).
enum FabricRoute: Hashable, Sendable {
    case definition(workspace: String, model: String)
    case operation(String)
    case result(String)

    /// Nil when the path, behind `/v1`, is another's.
    init?(_ method: String, _ parts: [String]) {
        switch (method, parts.first, parts.count) {
        case ("POST", "workspaces", 5)
        where ["semanticModels", "items"].contains(parts[2]) && parts[4] == "getDefinition":
            self = .definition(workspace: parts[1], model: parts[3])
        case ("GET", "operations", 2): self = .operation(parts[1])
        case ("GET", "operations", 3) where parts[2] == "result": self = .result(parts[1])
        default: return nil
        }
    }

    var kind: CallKind {
        switch self {
        case .definition: .fabricDefinition
        case .operation: .fabricOperation
        case .result: .fabricResult
        }
    }

    /// The id of the model it is about, as the path spells it.
    var model: String? {
        guard case .definition(_, let id) = self else { return nil }
        return id
    }
}
