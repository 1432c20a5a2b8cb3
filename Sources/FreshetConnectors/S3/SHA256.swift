private import CCrypto

/// SHA-256 (FIPS 180-4), by OpenSSL's libcrypto.
enum SHA256 {
    /// 64 lower-case digits.
    static func hexadecimal(of bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var size: UInt32 = 0
        // Fails only without memory; the empty text then makes a signature that the other side refuses.
        guard EVP_Digest(bytes, bytes.count, &digest, &size, EVP_sha256(), nil) == 1 else { return "" }
        return digest[..<Int(size)].map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
