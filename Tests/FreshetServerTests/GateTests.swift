import FreshetKit
import Testing

@testable import FreshetServer

@Suite struct `The gate where no other is given` {
    private func request(
        _ peer: GateRequest.Peer,
        access: Access? = .least(.viewer),
        headers: [(name: String, value: String)] = []
    ) -> GateRequest {
        let route = access.map { GateRequest.Route(operation: "o", access: $0) }
        return GateRequest(method: "GET", path: "/", route: route, headers: headers, peer: peer, isTLS: false)
    }

    @Test func `takes whoever may open the socket for an admin, by the name that is given`() async {
        let named = await SocketGate().admit(request(.unixSocket, headers: [("freshet-actor", "user:ana")]))
        guard case .admitted(let admission) = named else {
            Issue.record("refused")
            return
        }
        #expect(admission.role == .admin)
        #expect(admission.actor == Actor("user:ana"))
    }

    @Test func `lets nobody in over a port, but to what is public`() async {
        let peer = GateRequest.Peer.tcp(address: "127.0.0.1")
        guard case .refused(let problem) = await SocketGate().admit(request(peer)) else {
            Issue.record("admitted")
            return
        }
        #expect(problem.status == 401)
        guard case .refused = await SocketGate().admit(request(peer, access: nil)) else {
            Issue.record("an unknown path tells that it is unknown")
            return
        }
        guard case .admitted(let anonymous) = await SocketGate().admit(request(peer, access: .public)) else {
            Issue.record("refused")
            return
        }
        #expect(anonymous.role == nil)
    }
}
