import FreshetAccess
import FreshetCore
import FreshetKit
import FreshetServer

/// Who may come in, put together for one store.
struct Door {
    let gate: AccessGate
    let resources: AccessResources

    /// - Parameters:
    ///   - store: knows who may.
    ///   - epoch: under which this process writes.
    ///   - project: what those who are signed in are told of.
    ///   - listener: where the network reaches it; `nil` for the Unix socket alone.
    ///   - oidc: signs people in elsewhere, if anything does.
    init(
        store: any AccessStore,
        epoch: Epoch,
        project: Project,
        listener: FreshetAccess.Listener?,
        oidc: OIDCClient? = nil
    ) {
        let bench = PasswordBench(Wiring.entropy)
        gate = AccessGate(
            store: store,
            epoch: epoch,
            clock: Wiring.clock,
            table: .freshet(files: PageRoutes.files.map { "/" + $0 }),
            listener: listener,
            owner: Wiring.actor
        )
        let signIn = SignIn(store: store, epoch: epoch, clock: Wiring.clock, entropy: Wiring.entropy, bench: bench)
        let accounts = Accounts(
            store: store,
            epoch: epoch,
            clock: Wiring.clock,
            entropy: Wiring.entropy,
            chance: Wiring.chance,
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
            )
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
