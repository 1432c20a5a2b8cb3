package import FreshetKit

/// What a gate says to a request.
package enum Verdict: Hashable, Sendable {
    case admitted(Route, parameters: [String: String])
    case refused(AccessRefusal)
}

/// Why a gate does not let a request pass; worded in `AccessRefusal+Words.swift`.
package enum AccessRefusal: Hashable, Sendable {
    /// Nobody is signed in, or no longer. Says nothing of whether the path is there.
    case unauthenticated(Stale?)
    /// They are signed in, and may not.
    case forbidden(needs: Access, has: AccessRole?)
    /// A token that is bound to some assets, and an effect that reaches all.
    case outOfReach
    case unknownPath
    case wrongMethod(allowed: [String])
    /// A page of another site may be behind it.
    case crossSite(String)
    /// The request names a host that this is not.
    case unknownHost(String)
    /// The request says something twice, or cannot be read.
    case malformed(String)
    /// The store, or the machine, did not do as asked.
    case unavailable(String)

    /// Why what somebody showed no longer counts.
    package enum Stale: String, Hashable, Sendable {
        case disabled
        case expired
        case revoked
        case unknown
    }
}

extension RouteTable {
    /// Whether somebody may do this; who is `nil` has not signed in.
    ///
    /// Unknown paths are unauthenticated to anonymous callers, so that nobody learns from outside what there is.
    package func decide(method: String, target: String, _ principal: Principal?, _ stale: AccessRefusal.Stale? = nil)
        -> Verdict
    {
        switch match(method: method, target: target) {
        case .nothing: .refused(principal == nil ? .unauthenticated(stale) : .unknownPath)
        case .otherMethods(let methods):
            .refused(principal == nil ? .unauthenticated(stale) : .wrongMethod(allowed: methods))
        case .route(let route, let parameters):
            if Principal.may(principal, route.access) {
                if let principal, !principal.may(route.reach) {
                    .refused(.outOfReach)
                } else {
                    .admitted(route, parameters: parameters)
                }
            } else if let principal {
                .refused(.forbidden(needs: route.access, has: principal.role))
            } else {
                .refused(.unauthenticated(stale))
            }
        }
    }
}
