private import CCrypto

/// The one place that asks OpenSSL whether a signature fits.
enum Verification {
    /// - Parameters:
    ///   - message: what was signed.
    ///   - signature: in the form that OpenSSL has for the key's algorithm.
    ///   - key: an `EVP_PKEY`.
    ///   - hash: an `EVP_MD`.
    /// - Returns: whether the key's owner signed the message.
    static func holds(_ message: [UInt8], _ signature: [UInt8], by key: OpaquePointer, _ hash: OpaquePointer?) -> Bool {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, hash, nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
