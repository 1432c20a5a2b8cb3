private import CCrypto

/// Why a certificate cannot be used to sign in.
package enum CertificateError: Error, Hashable, Sendable {
    case noPrivateKey
    /// The key is encrypted, and its password is missing or wrong.
    case locked
    case noCertificate
    /// The key is not that of any of the certificates.
    case foreignKey
    case notRSA
    case refusedToSign
}

/// A private key with its certificate, used through OpenSSL's libcrypto.
final class SigningCertificate {
    private let key: OpaquePointer
    private let certificate: OpaquePointer

    /// - Parameters:
    ///   - pem: the private key (PKCS #8 or PKCS #1) and certificates, in any order; of a chain, the one that belongs to
    ///     the key is used.
    ///   - password: of an encrypted key.
    /// - Throws: ``CertificateError`` when there is no key, no certificate of it, or neither can be used.
    init(pem: String, password: String?) throws(CertificateError) {
        defer { ERR_clear_error() }
        let bytes = Array(pem.utf8)
        guard let key = Self.key(in: bytes, password: password ?? "") else {
            throw pem.contains("ENCRYPTED") ? .locked : .noPrivateKey
        }
        let certificates = Self.certificates(in: bytes)
        let own = certificates.first { X509_check_private_key($0, key) == 1 }
        for certificate in certificates where certificate != own { X509_free(certificate) }
        guard let own, EVP_PKEY_is_a(key, "RSA") == 1 else {
            EVP_PKEY_free(key)
            X509_free(own)
            throw certificates.isEmpty ? .noCertificate : own == nil ? .foreignKey : .notRSA
        }
        self.key = key
        certificate = own
    }

    deinit {
        EVP_PKEY_free(key)
        X509_free(certificate)
    }

    /// SHA-256 of the certificate's DER form, as `x5t#S256` holds it (RFC 7515, section 4.1.8).
    func thumbprint() throws(CertificateError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var size: UInt32 = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &size) == 1 else { throw .noCertificate }
        return Array(digest[..<Int(size)])
    }

    /// RSASSA-PSS with SHA-256, a salt as long as the hash (RFC 7518, section 3.5).
    func signature(of message: [UInt8]) throws(CertificateError) -> [UInt8] {
        defer { ERR_clear_error() }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        // Belongs to `context`, and is freed with it.
        var parameters: OpaquePointer?
        var size = 0
        guard EVP_DigestSignInit(context, &parameters, EVP_sha256(), nil, key) == 1,
            EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1,
            EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1,
            EVP_DigestSign(context, nil, &size, message, message.count) == 1
        else { throw .refusedToSign }
        var signature = [UInt8](repeating: 0, count: size)
        guard EVP_DigestSign(context, &signature, &size, message, message.count) == 1 else { throw .refusedToSign }
        return Array(signature[..<size])
    }

    /// Without a callback of our own OpenSSL takes the last argument for the password, and never asks the terminal.
    private static func key(in bytes: [UInt8], password: String) -> OpaquePointer? {
        guard let source = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return nil }
        defer { BIO_free(source) }
        return password.withCString { PEM_read_bio_PrivateKey(source, nil, nil, UnsafeMutableRawPointer(mutating: $0)) }
    }

    private static func certificates(in bytes: [UInt8]) -> [OpaquePointer] {
        guard let source = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return [] }
        defer { BIO_free(source) }
        var certificates: [OpaquePointer] = []
        while let certificate = PEM_read_bio_X509(source, nil, nil, nil) { certificates.append(certificate) }
        return certificates
    }
}
