private import CCrypto

/// OpenSSL did not do as asked: it lacks memory, or its configuration forbids the algorithm.
package struct CryptoError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked for, such as `SHA-256`.
    package var what: String

    package var description: String { "libcrypto cannot do \(what); check the machine's OpenSSL configuration" }
}

enum Digest {
    /// SHA-256 (FIPS 180-4), 32 bytes.
    static func sha256(_ message: [UInt8]) throws(CryptoError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        guard EVP_Digest(message, message.count, &digest, nil, EVP_sha256(), nil) == 1 else {
            throw CryptoError(what: "SHA-256")
        }
        return digest
    }

    /// HMAC-SHA-256 (RFC 2104), 32 bytes.
    static func hmac(_ message: [UInt8], key: [UInt8]) throws(CryptoError) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        var size: UInt32 = 0
        let done = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, &size)
        guard done != nil, size == 32 else { throw CryptoError(what: "HMAC-SHA-256") }
        return code
    }

    /// Takes as long wherever two texts of the same length differ.
    static func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        first.count == second.count && CRYPTO_memcmp(first, second, first.count) == 0
    }
}

extension Sequence<UInt8> {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
