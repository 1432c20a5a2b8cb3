package import FreshetKit

/// The least that a route asks for; there is no default.
package enum Access: Hashable, Sendable {
    /// Anybody; what there is to see is the same for all.
    case open
    case role(AccessRole)
    /// A viewer, or who shows the link of a badge; the route asks ``Principal/reaches(_:in:)`` whether it is this one's.
    case badge
    /// A token that may post events, or an operator.
    case ingest
    /// Whoever signed the request; the route verifies that, and nobody before it does.
    case signature
    /// Only the daemon's own user, by the Unix socket.
    case socket

    /// `x-access` of the contract.
    package var word: String {
        switch self {
        case .open: "public"
        case .role(let role): role.rawValue
        case .badge: "badge"
        case .ingest: "ingest"
        case .signature: "signature"
        case .socket: "socket"
        }
    }
}

/// How far an effect reaches, which decides whether a token that is bound to some assets may ask for it.
package enum Reach: Hashable, Sendable {
    /// Changes nothing but what the caller owns, such as their own session.
    case none
    /// Reaches assets that the request names; the route asks ``Principal/reaches(_:in:)`` for them.
    case assets
    /// Reaches all of the project.
    case project
}

/// One thing that can be asked for.
package struct Route: Hashable, Sendable {
    /// In upper case, and compared as it is.
    package let method: String
    package let template: RouteTemplate
    /// Its name in the contract; `nil` for a page or one of its files.
    package let operation: String?
    package let access: Access
    package let reach: Reach

    package init(_ method: String, _ template: RouteTemplate, _ operation: String?, _ access: Access, reach: Reach) {
        self.method = method
        self.template = template
        self.operation = operation
        self.access = access
        self.reach = reach
    }

    /// One that changes nothing.
    package static func get(_ template: RouteTemplate, _ operation: String?, _ access: Access) -> Route {
        Route("GET", template, operation, access, reach: .none)
    }

    package static func post(
        _ template: RouteTemplate,
        _ operation: String,
        _ access: Access,
        _ reach: Reach
    ) -> Route {
        Route("POST", template, operation, access, reach: reach)
    }
}
