import FreshetCore
package import FreshetKit

/// The resources by which people sign in and administrators say who may: sessions, users, tokens.
///
/// Other effects have an idempotency key, whose first answer is stored. These have none: an answer may hold a secret that
/// nothing may keep, and names are unique, so that doing it twice is found out.
package struct AccessResources: Sendable {
    /// What the session tells those who are signed in of the project.
    package struct Facts: Sendable {
        package var project: String
        package var environment: String?
        /// `neutral`, `green`, `amber` or `red`.
        package var environmentColor: String?
        package var mode: String
        package var version: String
        package var timeZone: String

        package init(
            project: String,
            environment: String?,
            environmentColor: String?,
            mode: String,
            version: String,
            timeZone: String
        ) {
            self.project = project
            self.environment = environment
            self.environmentColor = environmentColor
            self.mode = mode
            self.version = version
            self.timeZone = timeZone
        }
    }

    let signIn: SignIn
    let accounts: Accounts
    /// `nil` where no identity provider is set up.
    let oidc: OIDCClient?
    let clock: any EngineClock
    /// `nil` where only the Unix socket is open.
    let listener: Listener?
    let facts: Facts
    /// What a browser on this machine opens, such as `http://127.0.0.1:8640`; `nil` while nothing listens.
    let origin: @Sendable () -> String?

    package init(
        signIn: SignIn,
        accounts: Accounts,
        oidc: OIDCClient?,
        clock: any EngineClock,
        listener: Listener?,
        facts: Facts,
        origin: @escaping @Sendable () -> String?
    ) {
        self.signIn = signIn
        self.accounts = accounts
        self.oidc = oidc
        self.clock = clock
        self.listener = listener
        self.facts = facts
        self.origin = origin
    }

    /// The operations of the contract that are answered here.
    package static let operations: Set<String> = [
        "addUser", "changePassword", "createLink", "createToken", "disableUser", "enableUser", "finishOIDC",
        "getSession",
        "listTokens", "listUserSessions", "listUsers", "revokeToken", "setUserPassword", "setUserRole", "signIn",
        "signInOIDC", "signOut", "signUserOut",
    ]

    /// - Returns: 404 for what is not among ``operations``.
    package func answer(_ question: AccessQuestion) async -> AccessReply {
        do {
            return try await reply(to: question)
        } catch let error as AccountError {
            return AccessReply(error.words, target: question.request.target)
        } catch let error as AccessFault {
            return AccessReply(AccountError.fault(error).words, target: question.request.target)
        } catch let error as BadBody {
            return AccessReply(error.words, target: question.request.target)
        } catch {
            let words = AccountError.fault(.store(.failed("\(error)"))).words
            return AccessReply(words, target: question.request.target)
        }
    }

    private func reply(to question: AccessQuestion) async throws -> AccessReply {
        let name = question.admission.parameters["user"] ?? ""
        switch question.admission.route.operation {
        case "addUser": return try await addUser(question)
        case "changePassword": return try await changePassword(question)
        case "createLink": return try await createLink(question)
        case "createToken": return try await createToken(question)
        case "disableUser": try await accounts.setDisabled(true, name, by: requester(question))
        case "enableUser": try await accounts.setDisabled(false, name, by: requester(question))
        case "finishOIDC": return await finishOIDC(question)
        case "getSession": return session(of: question.admission.principal, csrfToken: question.admission.csrfToken)
        case "listTokens": return try await listTokens()
        case "listUserSessions": return try await listSessions(of: name)
        case "listUsers": return try await listUsers()
        case "revokeToken":
            try await accounts.revoke(question.admission.parameters["token"] ?? "", by: requester(question))
        case "setUserPassword":
            let body = try AccessBody(question, knows: ["password"])
            try await accounts.setPassword(try body.text("password"), of: name, by: requester(question))
        case "setUserRole":
            guard let role = try AccessBody(question, knows: ["role"]).role() else {
                throw BadBody.member("'role'", "viewer, operator or admin")
            }
            try await accounts.setRole(role, of: name, by: requester(question))
        case "signIn": return try await signIn(question)
        case "signInOIDC": return await beginOIDC(question)
        case "signOut": return try await signOut(question)
        case "signUserOut": try await accounts.signOut(name, by: requester(question))
        default: return AccessReply(AccessRefusal.unknownPath.words, target: question.request.target)
        }
        return AccessReply(204)
    }

    func requester(_ question: AccessQuestion) -> Accounts.Requester {
        let principal = question.admission.principal
        return Accounts.Requester(
            actor: principal?.actor ?? Actor("anonymous"),
            method: principal?.method ?? .socket,
            address: question.admission.address
        )
    }
}
