import CCrypto

/// A private key and its public half.
final class KeyPair {
    let pointer: OpaquePointer

    /// Makes one on the curve P-256.
    ///
    /// - Throws: ``CertificateError/openSSL(_:)``.
    init() throws(CertificateError) {
        var key: OpaquePointer?
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_keygen(context, &key) == 1, let key
        else { throw .openSSL("make a key") }
        pointer = key
    }

    /// Reads one, of any kind, from PEM without a passphrase; nil when it is none.
    init?(pem: [UInt8]) {
        let key = MemoryBIO.reading(pem) { PEM_read_bio_PrivateKey($0, nil, nil, nil) }
        guard let key else { return nil }
        pointer = key
    }

    deinit { EVP_PKEY_free(pointer) }

    /// The private key in PEM.
    ///
    /// - Throws: ``CertificateError/openSSL(_:)``.
    func pem() throws(CertificateError) -> [UInt8] {
        let text = MemoryBIO.written { PEM_write_bio_PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
        guard let text else { throw .openSSL("write a key") }
        return text
    }
}
