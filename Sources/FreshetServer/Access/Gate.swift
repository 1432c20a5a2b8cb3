public import FreshetCore
public import FreshetKit

/// Decides for each request, before anything else happens, who is there and whether that is enough.
///
/// Every request of every transport passes it once, those of unknown paths too.
public protocol Gate: Sendable {
    func admit(_ request: GateRequest) async -> GateAnswer
    /// Is told that a route refused (403) what was admitted, as it reached further than the caller may; for the audit.
    func note(_ refusal: Problem, of request: GateRequest, by admission: Admission) async
}

extension Gate {
    /// Keeps nothing.
    public func note(_ refusal: Problem, of request: GateRequest, by admission: Admission) async {}
}

/// What a person or a machine may do; each includes what the ones before it may.
public enum Role: String, Hashable, Sendable, CaseIterable, Comparable {
    case viewer
    case `operator`
    case admin

    public static func < (lhs: Role, rhs: Role) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }
}

/// The least that a route asks for; `x-access` of the contract.
public enum Access: Hashable, Sendable {
    case `public`
    case least(Role)
    /// A viewer, or who shows the link of a badge; the route itself asks whether the link is this badge's.
    case badge
    /// A token that may post events, or an operator.
    case ingest
    /// A signature over the body, which the route checks itself.
    case signature
    /// Only over the daemon's socket, for the command line.
    case socket

    /// As the contract writes it.
    public var word: String {
        switch self {
        case .public: "public"
        case .least(let role): role.rawValue
        case .badge: "badge"
        case .ingest: "ingest"
        case .signature: "signature"
        case .socket: "socket"
        }
    }
}

/// What a gate decides by; no body, which is read only for those who are admitted.
public struct GateRequest: Sendable {
    public enum Peer: Hashable, Sendable {
        case unixSocket
        /// The other side's address, without its port.
        case tcp(address: String)
    }
    /// The route that the path and the method lead to.
    public struct Route: Hashable, Sendable {
        /// The operation's name in the contract, such as `createRun`.
        public var operation: String
        public var access: Access

        public init(operation: String, access: Access) {
            self.operation = operation
            self.access = access
        }
    }

    /// In capitals.
    public var method: String
    /// As it was sent, without the query.
    public var path: String
    /// `nil` for a path that leads nowhere.
    public var route: Route?
    /// What was sent behind the question mark, of a route for ``Access/badge`` alone; it may hold the link's secret.
    public var query: String?
    /// In the order in which they were sent; names in lower case.
    public var headers: [(name: String, value: String)]
    public var peer: Peer
    public var isTLS: Bool

    public init(
        method: String,
        path: String,
        route: Route?,
        query: String? = nil,
        headers: [(name: String, value: String)],
        peer: Peer,
        isTLS: Bool
    ) {
        self.method = method
        self.path = path
        self.route = route
        self.query = query
        self.headers = headers
        self.peer = peer
        self.isTLS = isTLS
    }

    /// The only value of a header; `nil` where there is none or several.
    public func header(_ name: String) -> String? {
        let found = headers.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }
}

/// What a gate says.
public enum GateAnswer: Sendable {
    case admitted(Admission)
    case refused(Problem)
}

/// How far somebody's effects may reach; a token may be bound to some assets, and to some sources of events.
public protocol Bounds: Sendable {
    /// Whether effects may reach all of these.
    func reaches(_ assets: Set<AssetKey>, in graph: AssetGraph) -> Bool
    /// Whether events may be posted that name this source.
    func mayPostEvents(of source: String) -> Bool
}

/// No bounds.
public struct Unbounded: Bounds {
    public init() {}

    public func reaches(_ assets: Set<AssetKey>, in graph: AssetGraph) -> Bool { true }
    public func mayPostEvents(of source: String) -> Bool { true }
}

/// Who is there.
public struct Admission: Sendable {
    public var actor: Actor
    /// `nil` for somebody unknown on a public route.
    public var role: Role?
    public var method: AuditEntry.Method
    /// The address for the audit; `nil` for a socket.
    public var address: String?
    /// Whether it may post events; an admin may always.
    public var mayIngest: Bool
    /// Whether it may see the badges within its bounds, without a role.
    public var showsBadges: Bool
    public var bounds: any Bounds

    public init(
        actor: Actor,
        role: Role?,
        method: AuditEntry.Method,
        address: String? = nil,
        mayIngest: Bool = false,
        showsBadges: Bool = false,
        bounds: any Bounds = Unbounded()
    ) {
        self.actor = actor
        self.role = role
        self.mayIngest = mayIngest
        self.showsBadges = showsBadges
        self.method = method
        self.address = address
        self.bounds = bounds
    }

    public static let anonymous = Admission(actor: Actor("anonymous"), role: nil, method: .socket)
}
