private import CCrypto
import FreshetCrypto

/// What a hash by scrypt costs (RFC 7914).
struct ScryptCost: Hashable {
    /// The binary logarithm of N.
    var logN: Int
    var r: Int
    var p: Int

    /// 32 MiB and about a tenth of a second; one of the settings of OWASP's Password Storage Cheat Sheet.
    static let present = ScryptCost(logN: 15, r: 8, p: 3)

    /// Bytes that one hash works in.
    var memory: Int { 128 * r << logN }

    /// What a stored hash may ask for, so that a forged row cannot eat the machine.
    var isBearable: Bool {
        (1...20).contains(logN) && (1...32).contains(r) && (1...16).contains(p) && memory <= 256 << 20
    }

    /// The derived key.
    func key(of password: [UInt8], salt: [UInt8], count: Int) throws(CryptoError) -> [UInt8] {
        guard isBearable else { throw CryptoError(what: "scrypt with ln=\(logN),r=\(r),p=\(p)") }
        defer { ERR_clear_error() }
        var key = [UInt8](repeating: 0, count: count)
        // OpenSSL counts some more than the formula; without a limit of its own it takes 32 MiB at most.
        let limit = UInt64(memory) + 128 * UInt64(r) * UInt64(p) + (1 << 20)
        let done = password.withUnsafeBytes { bytes in
            EVP_PBE_scrypt(
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                bytes.count,
                salt,
                salt.count,
                1 << UInt64(logN),
                UInt64(r),
                UInt64(p),
                limit,
                &key,
                count
            )
        }
        guard done == 1 else { throw CryptoError(what: "scrypt with \(memory >> 20) MiB") }
        return key
    }
}
