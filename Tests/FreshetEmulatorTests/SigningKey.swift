import CCrypto

@testable import FreshetEmulator

/// An RSA key with its certificate, as an administrator would register it, and the assertions it signs.
struct SigningKey: Sendable {
    /// In PEM, like the certificate.
    private let key: [UInt8]
    private let certificate: [UInt8]
    /// The certificate as DER; what thumbprints are of.
    let der: [UInt8]

    init() throws {
        var made: OpaquePointer?
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil)
        defer { EVP_PKEY_CTX_free(context) }
        EVP_PKEY_keygen_init(context)
        EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2_048)
        EVP_PKEY_keygen(context, &made)
        defer { EVP_PKEY_free(made) }
        key = MemoryBIO.written { PEM_write_bio_PrivateKey($0, made, nil, nil, 0, nil, nil) } ?? []
        guard let pair = KeyPair(pem: key) else { throw CertificateError.openSSL("make a key") }
        let signed = try Certificate.issue(Certificate.Request(name: "app", days: 1, extensions: []), for: pair)
        certificate = try signed.pem()
        der = signed.der
    }

    /// The certificate.
    var pem: String { String(decoding: certificate, as: UTF8.self) }

    /// The compact form of a token with this header and these claims.
    func token(_ header: [String: JSON], _ claims: [String: JSON], as algorithm: Certificate.Algorithm) -> String {
        let parts = [header, claims].map { Base64.encodedURL(Array(JSON.object($0).text.utf8)) }
        let signed = parts.joined(separator: ".")
        return signed + "." + Base64.encodedURL(sign(Array(signed.utf8), as: algorithm))
    }

    private func sign(_ message: [UInt8], as algorithm: Certificate.Algorithm) -> [UInt8] {
        let pair = KeyPair(pem: key)
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var keyContext: OpaquePointer?
        EVP_DigestSignInit(context, &keyContext, EVP_sha256(), nil, pair?.pointer)
        if algorithm == .ps256 {
            EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING)
            EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, RSA_PSS_SALTLEN_DIGEST)
        }
        var signature = [UInt8](repeating: 0, count: 256)
        var length = signature.count
        EVP_DigestSign(context, &signature, &length, message, message.count)
        return Array(signature.prefix(length))
    }
}
