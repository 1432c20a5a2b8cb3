internal import FreshetCore
internal import FreshetKit

/// The token that Vault is asked with: a given one, or that of an AppRole, obtained anew at two thirds of its life.
actor VaultLogin {
    static let appRole = [
        Field("role_id", .text, required: true, "The role's id."),
        Field("secret_id", .secret, required: true, "The role's secret id."),
        Field("mount", .text, default: "approle", "Where AppRole is mounted."),
    ]

    private enum Way: Sendable {
        case token(String)
        case appRole(roleID: String, secretID: String, mount: String)
    }

    private struct Lease {
        var token: String
        /// `nil` for one that does not end.
        var renewAt: Timestamp?
    }

    private let way: Way
    private let server: VaultServer
    private var lease: Lease?

    /// - Throws: a diagnostic when there is not exactly one way to sign in.
    init(from settings: Settings, _ server: VaultServer) throws(Diagnostic) {
        self.server = server
        switch (try settings.text("token"), settings.has("app_role")) {
        case (let token?, false): way = .token(token)
        case (nil, true):
            let role = settings.object("app_role")
            way = .appRole(
                roleID: try role.requiredText("role_id"),
                secretID: try role.requiredText("secret_id"),
                mount: try role.text("mount") ?? "approle"
            )
        case (nil, false):
            throw Diagnostic(
                "how to sign in to Vault is not stated",
                at: settings.origin,
                hint: "add token or app_role"
            )
        case (.some, true):
            throw Diagnostic(
                "'app_role' is a second way to sign in, beside 'token'",
                at: settings.origin(of: "app_role"),
                hint: "keep one of the two"
            )
        }
    }

    func token(_ call: BackendCall) async throws(SecretError) -> String {
        let surroundings = server.surroundings
        switch way {
        case .token(let text):
            let token = try await surroundings.secrets.resolve(text)
            surroundings.redactor.learn(token)
            return token
        case .appRole(let roleID, let secretID, let mount):
            let now = surroundings.clock.now
            if let lease, lease.renewAt.map({ now < $0 }) ?? true { return lease.token }
            let body: JSONValue = [
                "role_id": .text(try await surroundings.secrets.resolve(roleID)),
                "secret_id": .text(try await surroundings.secrets.resolve(secretID)),
            ]
            let path = "auth/\(try await surroundings.secrets.resolve(mount))/login"
            let response = try await call.send(try await server.request("POST", path, body: body))
            let answer = BackendCall.object(response)["auth"]
            guard response.status == 200, let token = answer?["client_token"]?.text else {
                let words = "the login by AppRole was refused; check role_id and secret_id"
                throw call.refusal(response, words, said: VaultServer.message(response))
            }
            surroundings.redactor.learn(token)
            let life = answer?["lease_duration"]?.integer ?? 0
            lease = Lease(token: token, renewAt: life > 0 ? now + .milliseconds(life * 2000 / 3) : nil)
            return token
        }
    }

    /// Forgets a token that was refused; a newer one stays.
    ///
    /// - Returns: whether the next one may be another.
    func drop(_ token: String) -> Bool {
        guard case .appRole = way else { return false }
        if lease?.token == token { lease = nil }
        return true
    }
}
