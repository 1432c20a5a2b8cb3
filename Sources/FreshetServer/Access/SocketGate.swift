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
