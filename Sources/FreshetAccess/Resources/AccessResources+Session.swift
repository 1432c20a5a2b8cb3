import FreshetCore
import FreshetKit

extension AccessResources {
    /// `GET /session`: who is signed in, and how one can.
    func session(of principal: Principal?, csrfToken: String?, headers: HTTPHeaders = [:]) -> AccessReply {
        let isKnown = principal != nil
        func known(_ text: String?) -> JSONValue { isKnown ? text.map { .text($0) } ?? .null : .null }
        let name = principal.map {
            $0.actor.name.hasPrefix("user:") ? String($0.actor.name.dropFirst(5)) : $0.actor.name
        }
        let document: JSONValue = [
            "schema": "freshet.session/1", "at": .text(clock.now.iso8601), "authenticated": .boolean(isKnown),
            "user": known(name), "name": known(principal?.title), "role": known(principal?.role?.rawValue),
            "csrf_token": known(csrfToken), "expires_at": known(principal?.endsAt?.iso8601),
            "methods": .list((oidc == nil ? ["link", "password"] : ["link", "oidc", "password"]).map { .text($0) }),
            "oidc_label": oidc.map { .text($0.settings.label) } ?? .null, "project": known(facts.project),
            "environment": known(facts.environment), "environment_color": known(facts.environmentColor),
            "mode": known(facts.mode), "version": known(facts.version), "timezone": known(facts.timeZone),
            "insecure": .boolean(listener?.isInsecure ?? false),
        ]
        return AccessReply(200, document, headers: headers)
    }

    /// `POST /session`: a password, or the token of a link.
    func signIn(_ question: AccessQuestion) async throws -> AccessReply {
        let body = try AccessBody(question, knows: ["method", "password", "token", "user"])
        let visitor = SignIn.Visitor(question.request, question.admission)
        let answer: SignInAnswer
        switch try body.text("method") {
        case "password":
            let password = try body.text("password", atMost: 1024)
            answer = try await signIn.withPassword(password, user: try body.text("user"), visitor)
        case "link": answer = try await signIn.withLink(try body.text("token"), visitor)
        default: throw BadBody.member("'method'", "password or link")
        }
        guard case .signedIn(let session) = answer else {
            return AccessReply(
                answer.words ?? AccessRefusal.unauthenticated(nil).words,
                target: question.request.target
            )
        }
        let principal = try await signIn.principal(of: session)
        return self.session(of: principal, csrfToken: session.csrfToken, headers: ["Set-Cookie": session.cookie])
    }

    /// `DELETE /session`.
    func signOut(_ question: AccessQuestion) async throws -> AccessReply {
        if let principal = question.admission.principal {
            try await signIn.signOut(principal, from: question.admission.address)
        }
        return AccessReply(204, headers: ["Set-Cookie": SessionCookie.clearing(isSecure: question.admission.isSecure)])
    }

    /// `POST /session/links`: a link for whoever runs the daemon.
    func createLink(_ question: AccessQuestion) async throws -> AccessReply {
        guard let principal = question.admission.principal else {
            return AccessReply(AccessRefusal.unauthenticated(nil).words, target: question.request.target)
        }
        let (credential, end) = try await signIn.link(for: principal)
        // In the fragment, which browsers send to nobody, so that it is in no log.
        let path = "/login#token=\(credential.text)"
        let document: JSONValue = [
            "path": .text(path), "url": origin().map { .text($0 + path) } ?? .null, "expires_at": .text(end.iso8601),
        ]
        return AccessReply(201, document)
    }

    /// `POST /session/password`: one's own.
    func changePassword(_ question: AccessQuestion) async throws -> AccessReply {
        let body = try AccessBody(question, knows: ["new_password", "password"])
        guard let principal = question.admission.principal else {
            return AccessReply(AccessRefusal.unauthenticated(nil).words, target: question.request.target)
        }
        try await accounts.changePassword(
            from: try body.text("password", atMost: 1024),
            to: try body.text("new_password", atMost: 1024),
            of: principal,
            address: question.admission.address
        )
        return AccessReply(204)
    }

    // MARK: OIDC

    /// `GET /session/oidc`: to the identity provider.
    func beginOIDC(_ question: AccessQuestion) async -> AccessReply {
        guard let oidc else { return AccessReply(AccessRefusal.unknownPath.words, target: question.request.target) }
        let next = QueryText.fields(of: question.query)?["next"]
        do throws(OIDCError) {
            let departure = try await oidc.begin(next: next, isSecure: question.admission.isSecure)
            return AccessReply(303, headers: ["Location": departure.url, "Set-Cookie": departure.cookie])
        } catch {
            return toLogin(error.code)
        }
    }

    /// `GET /session/oidc/callback`: back from there.
    ///
    /// A person waits, so that what goes wrong is said by a page.
    func finishOIDC(_ question: AccessQuestion) async -> AccessReply {
        guard let oidc else { return AccessReply(AccessRefusal.unknownPath.words, target: question.request.target) }
        let visitor = SignIn.Visitor(question.request, question.admission)
        do throws(OIDCError) {
            let headers = question.request.headers
            let (answer, next) = try await signIn.withOIDC(oidc, query: question.query, headers: headers, visitor)
            guard case .signedIn(let session) = answer else { return toLogin("no_role") }
            return AccessReply(303, headers: ["Location": next, "Set-Cookie": session.cookie])
        } catch {
            return toLogin(error.code)
        }
    }

    private func toLogin(_ problem: String) -> AccessReply {
        AccessReply(303, headers: ["Location": "/login?problem=\(problem)"])
    }
}
