import CCrypto
import Foundation

/// A key and a certificate of its own, made on the spot.
final class TestCertificate {
    private let key: OpaquePointer
    private let certificate: OpaquePointer

    init(_ algorithm: String = "RSA") {
        let context = EVP_PKEY_CTX_new_from_name(nil, algorithm, nil)
        defer { EVP_PKEY_CTX_free(context) }
        EVP_PKEY_keygen_init(context)
        if algorithm == "RSA" { EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) }
        if algorithm == "EC" { EVP_PKEY_CTX_set_group_name(context, "P-256") }
        var key: OpaquePointer?
        EVP_PKEY_keygen(context, &key)
        self.key = key!
        certificate = X509_new()
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7)
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600)
        X509_gmtime_adj(X509_getm_notAfter(certificate), 86_400)
        X509_set_pubkey(certificate, key)
        X509_sign(certificate, key, EVP_sha256())
    }

    deinit {
        EVP_PKEY_free(key)
        X509_free(certificate)
    }

    var certificatePEM: String { written { PEM_write_bio_X509($0, certificate) } }
    var keyPEM: String { written { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) } }

    func keyPEM(lockedBy password: String) -> String {
        written { target in
            password.withCString { text in
                PEM_write_bio_PKCS8PrivateKey(
                    target,
                    key,
                    EVP_aes_256_cbc(),
                    text,
                    Int32(strlen(text)),
                    nil,
                    nil
                )
            }
        }
    }

    /// SHA-256 of the certificate's DER form, computed from its PEM text.
    var thumbprint: [UInt8] {
        let lines = certificatePEM.split(separator: "\n").filter { !$0.hasPrefix("-----") }
        let der = Array(Data(base64Encoded: lines.joined())!)
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_Digest(der, der.count, &digest, nil, EVP_sha256(), nil)
        return digest
    }

    /// RSASSA-PSS with SHA-256, verified with the public key of the certificate.
    func accepts(_ signature: [UInt8], of message: String) -> Bool {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        let publicKey = X509_get_pubkey(certificate)
        defer { EVP_PKEY_free(publicKey) }
        var parameters: OpaquePointer?
        EVP_DigestVerifyInit(context, &parameters, EVP_sha256(), nil, publicKey)
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING)
        // Exactly 32 bytes of salt: a verifier of JSON Web Tokens takes no other (RFC 7518, 3.5).
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32)
        let bytes = Array(message.utf8)
        return EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
    }

    private func written(_ write: (OpaquePointer) -> Int32) -> String {
        let target = BIO_new(BIO_s_mem())!
        defer { BIO_free(target) }
        guard write(target) == 1 else { return "" }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = BIO_read(target, &bytes, Int32(bytes.count))
        return String(decoding: bytes[..<Int(max(count, 0))], as: UTF8.self)
    }
}
