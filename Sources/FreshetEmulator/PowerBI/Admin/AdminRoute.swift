/// A route about capacities, and what only administrators may ask.
enum AdminRoute: Hashable, Sendable {
    case capacities(isAdmin: Bool)
    /// All refreshables, those of a capacity, or one of them.
    case refreshables(isAdmin: Bool, capacity: String?, id: String?)
    case modifiedWorkspaces
    case startScan
    case scanStatus(String)
    case scanResult(String)

    /// Nil when the path, behind the API's root, is another's.
    init?(_ method: String, _ parts: [String]) {
        let isAdmin = parts.first == "admin"
        let rest = Array(isAdmin ? parts.dropFirst() : parts[...])
        switch (method, rest.first, rest.count) {
        case ("GET", "capacities", 1): self = .capacities(isAdmin: isAdmin)
        case ("GET", "capacities", 2) where rest[1] == "refreshables":
            self = .refreshables(isAdmin: isAdmin, capacity: nil, id: nil)
        case ("GET", "capacities", 3) where rest[2] == "refreshables":
            self = .refreshables(isAdmin: isAdmin, capacity: rest[1], id: nil)
        case ("GET", "capacities", 4) where rest[2] == "refreshables":
            self = .refreshables(isAdmin: isAdmin, capacity: rest[1], id: rest[3])
        case ("GET", "workspaces", 2) where isAdmin && rest[1] == "modified": self = .modifiedWorkspaces
        case ("POST", "workspaces", 2) where isAdmin && rest[1] == "getInfo": self = .startScan
        case ("GET", "workspaces", 3) where isAdmin && rest[1] == "scanStatus": self = .scanStatus(rest[2])
        case ("GET", "workspaces", 3) where isAdmin && rest[1] == "scanResult": self = .scanResult(rest[2])
        default: return nil
        }
    }

    var isAdmin: Bool {
        switch self {
        case .capacities(let isAdmin), .refreshables(let isAdmin, _, _): isAdmin
        case .modifiedWorkspaces, .scanResult, .scanStatus, .startScan: true
        }
    }

    var kind: CallKind {
        switch self {
        case .capacities: .capacities
        case .modifiedWorkspaces: .scanModified
        case .refreshables: .refreshables
        case .scanResult: .scanResult
        case .scanStatus: .scanStatus
        case .startScan: .scanStart
        }
    }
}
