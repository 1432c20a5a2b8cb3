package import FreshetCore
import FreshetCrypto
import FreshetKit
import Synchronization

extension SignIn {
    private static let linkLife = Duration.seconds(300)

    /// A link for whoever runs the daemon; it signs in once, within five minutes.
    ///
    /// - Returns: what stands in the link's fragment as `token`.
    package func link(for owner: Principal) async throws(AccessFault) -> (credential: Credential, endsAt: Timestamp) {
        let credential = try AccessFault.ofCrypto { [entropy] () throws(CryptoError) in
            try Credential.make(.link, entropy)
        }
        let name = owner.actor.name.hasPrefix("user:") ? String(owner.actor.name.dropFirst(5)) : owner.actor.name
        let record = LinkRecord(
            digest: try AccessFault.ofCrypto { () throws(CryptoError) in try credential.digest },
            user: name,
            role: .admin,
            endsAt: clock.now + Self.linkLife
        )
        _ = try await commit(.addLink(record), AuditEntry("session.link", method: .socket), by: owner.actor)
        return (credential, record.endsAt)
    }

    /// Uses a link up, and begins the session that it stands for.
    ///
    /// - Throws: ``AccessFault`` when the store does not answer; the link may then be used again.
    package func withLink(_ text: String, _ visitor: Visitor) async throws(AccessFault) -> SignInAnswer {
        // Links cannot be guessed; they are counted so that nobody tries to make the store busy.
        let subject = visitor.address.map { "link \($0)" }
        if let subject,
            let wait = throttle.withLock({ $0.begin(user: subject, address: visitor.address, at: clock.now) })
        {
            return .wait(wait)
        }
        guard let credential = Credential(text), credential.kind == .link else { return .wrong }
        let digest = try AccessFault.ofCrypto { () throws(CryptoError) in try credential.digest }
        let link = try await AccessFault.ofStore { [store] () async throws(StoreError) in
            try await store.link(digest: digest)
        }
        guard let link, clock.now < link.endsAt else {
            try await refuse("", .link, link == nil ? "used, or never given" : "too late", visitor)
            return .wrong
        }
        if let subject {
            throttle.withLock { $0.succeeded(user: subject, address: visitor.address, at: clock.now) }
        }
        return try await begin(user: link.user, role: link.role, .link, visitor) {
            .redeemLink(digest: digest, begins: $0, replacing: $1)
        }
    }
}
