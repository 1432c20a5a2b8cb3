import FreshetAccess
import FreshetCore
import FreshetKit
import FreshetServer
import Synchronization

/// Who may come in, put together for one store.
struct Door {
    let gate: AccessGate
    let resources: AccessResources
    /// Learns the port that is listened on.
    let place: Place

    /// Where browsers on this machine find the pages.
    final class Place: Sendable {
        private let origin = Mutex<String?>(nil)

        var text: String? { origin.withLock { $0 } }
        func set(_ listener: FreshetAccess.Listener, port: Int) {
            let site = Site(host: listener.address.host, port: port, isSecure: listener.hasTLS)
            let isAny = ["0.0.0.0", "::"].contains(listener.address.host)
            origin.withLock { $0 = isAny ? listener.sites.first?.origin : site.origin }
        }
    }

    /// - Parameters:
    ///   - store: knows who may.
    ///   - epoch: under which this process writes.
    ///   - project: what those who are signed in are told of.
    ///   - listener: where the network reaches it; `nil` for the Unix socket alone.
    ///   - oidc: signs people in elsewhere, if anything does.
    ///   - limits: of sessions.
    init(
        store: any AccessStore,
        epoch: Epoch,
        project: Project,
        listener: FreshetAccess.Listener?,
        oidc: OIDCClient? = nil,
        limits: SessionLimits = SessionLimits()
    ) {
        let bench = PasswordBench(Wiring.entropy)
        let place = Place()
        self.place = place
        gate = AccessGate(
            store: store,
            epoch: epoch,
            clock: Wiring.clock,
            table: .freshet(files: PageRoutes.files.map { "/" + $0 }),
            listener: listener,
            owner: Wiring.actor,
            limits: limits
        )
        let signIn = SignIn(
            store: store,
            epoch: epoch,
            clock: Wiring.clock,
            entropy: Wiring.entropy,
            bench: bench,
            limits: limits
        )
        let accounts = Accounts(
            store: store,
            epoch: epoch,
            clock: Wiring.clock,
            entropy: Wiring.entropy,
            chance: Wiring.chance,
            graph: project.graph,
            bench: bench
        )
        resources = AccessResources(
            signIn: signIn,
            accounts: accounts,
            oidc: oidc,
            clock: Wiring.clock,
            listener: listener,
            facts: AccessResources.Facts(
                project: project.name,
                environment: project.environment,
                environmentColor: nil,
                mode: project.mode.rawValue,
                version: Version.text,
                timeZone: project.timeZone
            ),
            origin: { place.text }
        )
    }

    /// For the server of a daemon.
    var control: AccessControl { AccessControl(gate: gate) }
    var routes: [FreshetServer.Route] { AccessRoutes.all(resources, gate) }

    /// Asks as the daemon's socket would be asked, in this process.
    func ask(_ method: String, _ path: String, _ body: JSONValue?) async -> (status: Int, document: JSONValue?) {
        var headers: HTTPHeaders = ["Freshet-Actor": Wiring.actor.name]
        if body != nil { headers["Content-Type"] = "application/json" }
        let request = AccessRequest(method, path, over: .unix, from: nil, headers: headers)
        let reply: AccessReply
        switch await gate.admit(request) {
        case .refused(let refusal): reply = AccessReply(refusal.words, target: path)
        case .admitted(let admission):
            let bytes = body.map { Array($0.serialized().utf8) } ?? []
            reply = await resources.answer(AccessQuestion(request, admission, body: bytes))
        }
        return (reply.status, reply.document)
    }
}
