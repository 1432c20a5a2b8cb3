import FreshetCrypto

/// A password as it is stored, with what it takes to check one: `$scrypt$ln=15,r=8,p=3$<salt>$<key>`.
///
/// - SeeAlso: the PHC string format (github.com/P-H-C/phc-string-format).
struct PasswordHash: Hashable, CustomStringConvertible {
    enum Match: Hashable {
        case wrong
        case right
        /// Right, and made at a cost that is no longer ours: it should be hashed again.
        case outdated
    }

    let cost: ScryptCost
    let salt: [UInt8]
    let key: [UInt8]

    static func make(
        of password: String,
        _ entropy: Entropy,
        cost: ScryptCost = .present
    ) throws(CryptoError) -> PasswordHash {
        let salt = try entropy.bytes(16)
        let key = try cost.key(of: Array(password.utf8), salt: salt, count: 32)
        return PasswordHash(cost: cost, salt: salt, key: key)
    }

    /// What the password of somebody who is not there is checked with, so that this takes as long.
    static let ofNobody = PasswordHash(
        cost: .present,
        salt: [UInt8](repeating: 0, count: 16),
        key: [UInt8](repeating: 0, count: 32)
    )

    private init(cost: ScryptCost, salt: [UInt8], key: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.key = key
    }

    /// - Returns: `nil` for another form, and for a cost that nobody should bear.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt", let cost = Self.cost(parts[2]),
            let salt = Base64.decode(parts[3], .plain), let key = Base64.decode(parts[4], .plain), salt.count >= 16,
            key.count == 32
        else { return nil }
        self.init(cost: cost, salt: salt, key: key)
    }

    private static func cost(_ text: Substring) -> ScryptCost? {
        let values = zip(text.split(separator: ",", omittingEmptySubsequences: false), ["ln=", "r=", "p="])
            .compactMap { part, name in part.hasPrefix(name) ? Int(part.dropFirst(name.count)) : nil }
        guard values.count == 3 else { return nil }
        let cost = ScryptCost(logN: values[0], r: values[1], p: values[2])
        return cost.isBearable ? cost : nil
    }

    var description: String {
        "$scrypt$ln=\(cost.logN),r=\(cost.r),p=\(cost.p)$\(Base64.encode(salt, .plain))$\(Base64.encode(key, .plain))"
    }

    func match(_ password: String) throws(CryptoError) -> Match {
        let other = try cost.key(of: Array(password.utf8), salt: salt, count: key.count)
        guard Digest.areEqual(key, other) else { return .wrong }
        return cost == .present ? .right : .outdated
    }
}
