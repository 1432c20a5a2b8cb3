import CCrypto
import Foundation
import FreshetCore

/// A key with a certificate that it signed itself, as SNS has one.
final class Signer: @unchecked Sendable {  // Only read after it was made.
    private let key: OpaquePointer
    /// In the form of PEM.
    let certificate: String

    /// Made once: a key takes a while.
    static let shared = Signer()

    /// - Parameters:
    ///   - bits: of the RSA key.
    ///   - begins: when the certificate begins to hold.
    ///   - ends: when it no longer does.
    init(
        bits: Int32 = 2048,
        from begins: Timestamp = now - .seconds(86_400),
        to ends: Timestamp = now + .seconds(86_400)
    ) {
        let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
        defer { EVP_PKEY_CTX_free(context) }
        EVP_PKEY_keygen_init(context)
        EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits)
        var key: OpaquePointer?
        EVP_PKEY_keygen(context, &key)
        self.key = key!

        let certificate = X509_new()
        defer { X509_free(certificate) }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1)
        ASN1_TIME_set(X509_getm_notBefore(certificate), Int(begins.milliseconds / 1000))
        ASN1_TIME_set(X509_getm_notAfter(certificate), Int(ends.milliseconds / 1000))
        X509_NAME_add_entry_by_txt(
            X509_get_subject_name(certificate),
            "CN",
            MBSTRING_UTF8,
            "sns.test",
            -1,
            -1,
            0
        )
        X509_set_issuer_name(certificate, X509_get_subject_name(certificate))
        X509_set_pubkey(certificate, key)
        X509_sign(certificate, key, EVP_sha256())
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(certificate, &bytes)
        let base64 = Data(bytes: bytes!, count: Int(count)).base64EncodedString(options: [.lineLength64Characters])
        CRYPTO_free(bytes, nil, 0)
        self.certificate = "-----BEGIN CERTIFICATE-----\n\(base64)\n-----END CERTIFICATE-----\n"
    }

    deinit { EVP_PKEY_free(key) }

    /// In base64.
    func signature(of text: String, isSHA1: Bool) -> String {
        let message = Array(text.utf8)
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        EVP_DigestSignInit(context, nil, isSHA1 ? EVP_sha1() : EVP_sha256(), nil, key)
        var size = 0
        EVP_DigestSign(context, nil, &size, message, message.count)
        var signature = [UInt8](repeating: 0, count: size)
        EVP_DigestSign(context, &signature, &size, message, message.count)
        return Data(signature[..<size]).base64EncodedString()
    }
}
