package import FreshetKit

extension SignIn {
    /// A browser comes back from the identity provider.
    ///
    /// - Parameters:
    ///   - client: who sent it there.
    ///   - query: what it came back with.
    ///   - headers: of its request.
    ///   - visitor: the browser.
    /// - Returns: what became of it, and the page to go to.
    /// - Throws: ``OIDCError``.
    package func withOIDC(
        _ client: OIDCClient,
        query: some StringProtocol,
        headers: HTTPHeaders,
        _ visitor: Visitor
    ) async throws(OIDCError) -> (answer: SignInAnswer, next: String) {
        let identity: Identity
        let next: String
        do throws(OIDCError) {
            (identity, next) = try await client.finish(query: query, headers: headers, isSecure: visitor.isSecure)
        } catch {
            // Who came back from nowhere is nobody; keeping that would let anybody fill the disk.
            if error != .unknownLogin { try await note(error, visitor) }
            throw error
        }
        do throws(AccessFault) {
            let answer = try await begin(identity, visitor)
            if case .taken = answer { try await refuse(identity.name, .oidc, "the name is somebody else's", visitor) }
            if answer == .wrong { try await refuse(identity.name, .oidc, "disabled", visitor) }
            return (answer, next)
        } catch {
            throw .fault(error)
        }
    }

    private func begin(_ identity: Identity, _ visitor: Visitor) async throws(AccessFault) -> SignInAnswer {
        let known = try await AccessFault.ofStore { () async throws(StoreError) in
            try await store.user(of: identity.subject)
        }
        if known?.disabledAt != nil { return .wrong }
        let user = UserRecord(
            name: known?.name ?? identity.name,
            title: identity.title,
            role: identity.role,
            subject: identity.subject,
            createdAt: known?.createdAt ?? clock.now
        )
        return try await begin(user: user.name, role: nil, .oidc, visitor) {
            .beginForeignSession($0, of: user, replacing: $1)
        }
    }

    private func note(_ error: OIDCError, _ visitor: Visitor) async throws(OIDCError) {
        do throws(AccessFault) {
            try await refuse("", .oidc, error.description, visitor)
        } catch {
            throw .fault(error)
        }
    }
}
