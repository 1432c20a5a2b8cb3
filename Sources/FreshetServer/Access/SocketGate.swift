import FreshetKit

/// The gate where no other is given: whoever may open the daemon's socket is an admin, and nobody else is anybody.
public struct SocketGate: Gate {
    /// Names on whose behalf a command of this machine asks; the socket's owner may take any.
    static let actorHeader = "freshet-actor"

    public init() {}

    public func admit(_ request: GateRequest) async -> GateAnswer {
        guard case .unixSocket = request.peer else {
            if request.route?.access == .public { return .admitted(.anonymous) }
            return .refused(Problem(.unauthenticated, "No way to sign in is set up; the daemon's socket needs none."))
        }
        let actor = request.header(Self.actorHeader).map { Actor($0) } ?? Actor("socket")
        return .admitted(Admission(actor: actor, role: .admin, method: .socket))
    }
}

/// Takes everybody of this machine for an admin: for trying out, and for the tests of the pages.
///
/// A page of another origin is refused by its `Host`, so that a name which leads to this machine is of no use.
public struct OpenGate: Gate {
    public init() {}

    public func admit(_ request: GateRequest) async -> GateAnswer {
        guard case .tcp(let address) = request.peer else { return await SocketGate().admit(request) }
        let host = request.header("host") ?? ""
        guard ListenAddress(host)?.isLoopback == true else {
            return .refused(Problem(.forbidden, "'\(host)' is not a name of this machine; use 127.0.0.1 or localhost."))
        }
        if let site = request.header("sec-fetch-site"), request.method != "GET", request.method != "HEAD",
            site != "same-origin", site != "none"
        {
            return .refused(Problem(.csrf, "The request comes of another page."))
        }
        return .admitted(Admission(actor: Actor("user:local"), role: .admin, method: .socket, address: address))
    }
}
