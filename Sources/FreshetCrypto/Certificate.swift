private import CCrypto
package import FreshetCore
private import Glibc

/// A certificate (RFC 5280) of somebody who signs messages with RSA.
package final class Certificate: Sendable {
    /// What is signed of a message (PKCS #1, RFC 8017, section 8.2).
    package enum Hash: Hashable, Sendable {
        /// Only where a protocol has nothing better.
        case sha1
        case sha256
    }

    /// The first and the last moment at which it holds.
    package let validity: ClosedRange<Timestamp>
    /// SubjectPublicKeyInfo.
    private let key: [UInt8]

    /// Reads the first certificate of a text in the form of PEM (RFC 7468).
    ///
    /// - Returns: `nil` for what is none, and for a key other than RSA of 2048 bits or more.
    package init?(pem: [UInt8]) {
        defer { ERR_clear_error() }
        let memory = BIO_new_mem_buf(pem, Int32(clamping: pem.count))
        defer { BIO_free(memory) }
        guard let certificate = PEM_read_bio_X509(memory, nil, nil, nil) else { return nil }
        defer { X509_free(certificate) }
        guard let begins = Self.moment(X509_get0_notBefore(certificate)),
            let ends = Self.moment(X509_get0_notAfter(certificate)), begins <= ends,
            let key = X509_get0_pubkey(certificate), EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA,
            EVP_PKEY_get_bits(key) >= 2048
        else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let size = i2d_PUBKEY(key, &text)
        guard size > 0, let text else { return nil }
        // `OPENSSL_free` is a macro over this.
        defer { CRYPTO_free(text, nil, 0) }
        validity = begins...ends
        self.key = Array(UnsafeBufferPointer(start: text, count: Int(size)))
    }

    /// Whether the certificate's owner signed the message; says nothing of ``validity``.
    package func signed(_ message: [UInt8], _ signature: [UInt8], _ hash: Hash) -> Bool {
        defer { ERR_clear_error() }
        let key = key.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            return d2i_PUBKEY(nil, &position, bytes.count)
        }
        guard let key else { return false }
        defer { EVP_PKEY_free(key) }
        return Verification.holds(message, signature, by: key, hash == .sha1 ? EVP_sha1() : EVP_sha256())
    }

    private static func moment(_ time: UnsafePointer<ASN1_TIME>?) -> Timestamp? {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        let seconds = timegm(&parts)
        return Timestamp(milliseconds: Int64(seconds) * 1000)
    }
}
