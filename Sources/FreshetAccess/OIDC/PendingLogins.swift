import FreshetCore
import FreshetCrypto

/// Browsers that are on their way to an identity provider and back.
///
/// Each comes back once, within ten minutes, and only in the browser that left: its `state` is looked up, and the cookie
/// beside it has to be the one that was given along. They are kept in memory; whoever is on the way when the daemon is
/// started anew begins again.
struct PendingLogins: Sendable {
    struct Login: Hashable, Sendable {
        var nonce: String
        /// Of PKCE (RFC 7636).
        var verifier: String
        /// SHA-256 of the cookie.
        var binding: [UInt8]
        /// A path of the pages.
        var next: String
        var endsAt: Timestamp
    }

    static let life = Duration.seconds(600)
    /// An attacker who begins thousands pushes out the oldest, nothing else.
    private static let capacity = 2000

    private var logins: [String: Login] = [:]

    mutating func add(_ login: Login, state: String, at now: Timestamp) {
        if logins.count >= Self.capacity {
            logins = logins.filter { now < $0.value.endsAt }
            let surplus = logins.count - Self.capacity + 1
            for (state, _) in logins.sorted(by: { $0.value.endsAt < $1.value.endsAt }).prefix(max(surplus, 0)) {
                logins[state] = nil
            }
        }
        logins[state] = login
    }

    /// Takes one out, if it is there, not over, and of this browser.
    mutating func take(state: String, binding: [UInt8], at now: Timestamp) -> Login? {
        guard let login = logins[state], Digest.areEqual(login.binding, binding) else { return nil }
        logins[state] = nil
        return now < login.endsAt ? login : nil
    }
}
