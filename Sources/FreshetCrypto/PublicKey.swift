private import CCrypto
package import FreshetCore

/// A key of an identity provider, that its signatures are verified with.
package final class PublicKey: Sendable {
    /// As RFC 7518, section 3.1, names them.
    ///
    /// There is no other: neither `none`, nor one with a shared secret.
    package enum Algorithm: String, Sendable {
        case es256 = "ES256"
        case rs256 = "RS256"
    }

    package let algorithm: Algorithm
    /// SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
    private let der: [UInt8]

    /// Reads a JSON Web Key (RFC 7517, RFC 7518 section 6).
    ///
    /// - Returns: `nil` for one that is for something else than these signatures, or too weak: RSA of less than 2048 bits.
    package init?(_ key: JSONValue) {
        guard key["use"]?.text ?? "sig" == "sig" else { return nil }
        switch (key["kty"]?.text, key["alg"]?.text) {
        case ("RSA", nil), ("RSA", "RS256"):
            guard let modulus = key["n"]?.text.flatMap({ Base64.decode($0) }),
                let exponent = key["e"]?.text.flatMap({ Base64.decode($0) }),
                let size = modulus.drop(while: { $0 == 0 }).first.map({ modulus.count * 8 - $0.leadingZeroBitCount }),
                size >= 2048, modulus.count <= 1024, (1...8).contains(exponent.count)
            else { return nil }
            algorithm = .rs256
            let numbers = DER.sequence(DER.integer(modulus) + DER.integer(exponent))
            der = DER.sequence(DER.rsaEncryption + DER.bits(numbers))
        case ("EC", nil), ("EC", "ES256"):
            guard key["crv"]?.text == "P-256", let x = key["x"]?.text.flatMap({ Base64.decode($0) }),
                let y = key["y"]?.text.flatMap({ Base64.decode($0) }), x.count == 32, y.count == 32
            else { return nil }
            algorithm = .es256
            der = DER.sequence(DER.ecPublicKey + DER.bits([4] + x + y))
        default: return nil
        }
    }

    /// Whether the key's owner signed the message.
    package func signed(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        var signature = signature
        if algorithm == .es256 {
            // A JSON Web Signature has both numbers side by side (RFC 7518, section 3.4), OpenSSL wants them as DER.
            guard signature.count == 64 else { return false }
            signature = DER.sequence(
                DER.integer(Array(signature[..<32])) + DER.integer(Array(signature[32...]))
            )
        }
        let key = der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            return d2i_PUBKEY(nil, &position, bytes.count)
        }
        guard let key else { return false }
        defer { EVP_PKEY_free(key) }
        return Verification.holds(message, signature, by: key, EVP_sha256())
    }
}

/// As much of DER (X.690) as a public key and a signature need.
private enum DER {
    /// 1.2.840.113549.1.1.1 with NULL.
    static let rsaEncryption: [UInt8] = [
        0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    /// 1.2.840.10045.2.1 with the curve P-256, 1.2.840.10045.3.1.7.
    static let ecPublicKey: [UInt8] = [
        0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D,
        0x03, 0x01, 0x07,
    ]

    static func sequence(_ content: [UInt8]) -> [UInt8] { value(0x30, content) }
    static func bits(_ content: [UInt8]) -> [UInt8] { value(0x03, [0] + content) }

    /// Of a number without a sign, the highest byte first.
    static func integer(_ bytes: [UInt8]) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
        return value(0x02, digits)
    }

    private static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            switch count {
            case ..<0x80: [UInt8(count)]
            case ..<0x100: [0x81, UInt8(count)]
            default: [0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
            }
        return [tag] + length + content
    }
}
