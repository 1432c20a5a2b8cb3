import CCrypto

/// An X.509 certificate (RFC 5280).
final class Certificate {
    private let pointer: OpaquePointer

    /// Reads the first certificate in PEM; nil when there is none.
    init?(pem: [UInt8]) {
        let certificate = MemoryBIO.reading(pem) { PEM_read_bio_X509($0, nil, nil, nil) }
        guard let certificate else { return nil }
        pointer = certificate
    }

    deinit { X509_free(pointer) }

    /// The whole certificate as DER; what its thumbprints are of.
    var der: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(max(0, i2d_X509(pointer, nil))))
        bytes.withUnsafeMutableBufferPointer { bytes in
            var start = bytes.baseAddress
            _ = i2d_X509(pointer, &start)
        }
        return bytes
    }

    /// - Throws: ``CertificateError/openSSL(_:)``.
    func pem() throws(CertificateError) -> [UInt8] {
        guard let text = MemoryBIO.written({ PEM_write_bio_X509($0, pointer) }) else {
            throw .openSSL("write a certificate")
        }
        return text
    }

    /// What a certificate is to be good for.
    struct Request {
        var name: String
        /// Days from now; it is good from an hour ago, for clocks that are late.
        var days: Int
        /// Extensions in OpenSSL's notation (x509v3_config(5)), by number.
        var extensions: [(nid: Int32, value: String)]
    }

    private init(owning pointer: OpaquePointer) { self.pointer = pointer }

    /// Signs a new one for `key`; without an `issuer`, by that key itself.
    ///
    /// - Throws: ``CertificateError/openSSL(_:)``.
    static func issue(
        _ request: Request,
        for key: KeyPair,
        by issuer: (certificate: Certificate, key: KeyPair)? = nil
    ) throws(CertificateError) -> Certificate {
        guard let pointer = X509_new() else { throw .openSSL("make a certificate") }
        let certificate = Certificate(owning: pointer)
        try certificate.fill(in: request, key: key, issuer: issuer?.certificate)
        try certificate.add(request.extensions, issuer: issuer?.certificate)
        guard X509_sign(pointer, (issuer?.key ?? key).pointer, EVP_sha256()) > 0 else {
            throw .openSSL("sign a certificate")
        }
        return certificate
    }

    private func fill(in request: Request, key: KeyPair, issuer: Certificate?) throws(CertificateError) {
        var serial = UInt64(0)
        // 63 bits: positive, as RFC 5280 §4.1.2.2 has it, and not zero but once in the lifetime of the universe.
        guard withUnsafeMutableBytes(of: &serial, { RAND_bytes($0.baseAddress, 8) }) == 1,
            X509_set_version(pointer, 2) == 1,
            ASN1_INTEGER_set_uint64(X509_get_serialNumber(pointer), serial >> 1) == 1,
            X509_gmtime_adj(X509_getm_notBefore(pointer), -3_600) != nil,
            X509_gmtime_adj(X509_getm_notAfter(pointer), request.days * 86_400) != nil,
            let name = X509_get_subject_name(pointer),
            X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, request.name, -1, -1, 0) == 1,
            X509_set_issuer_name(pointer, X509_get_subject_name((issuer ?? self).pointer)) == 1,
            X509_set_pubkey(pointer, key.pointer) == 1
        else { throw .openSSL("fill in a certificate") }
    }

    private func add(_ extensions: [(nid: Int32, value: String)], issuer: Certificate?) throws(CertificateError) {
        for (nid, value) in extensions {
            guard add(nid, value, issuer: issuer) else { throw .openSSL("extend a certificate") }
        }
    }

    private func add(_ nid: Int32, _ value: String, issuer: Certificate?) -> Bool {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, (issuer ?? self).pointer, pointer, nil, nil, 0)
        guard let found = X509V3_EXT_conf_nid(nil, &context, nid, value) else { return false }
        defer { X509_EXTENSION_free(found) }
        return X509_add_ext(pointer, found, -1) == 1
    }
}

extension Certificate {
    /// The signatures that Entra takes: RSA with SHA-256, padded in one way or the other (RFC 7518 §3.3 and §3.5).
    enum Algorithm: String {
        case ps256 = "PS256"
        case rs256 = "RS256"
    }

    /// Whether the owner of the certificate signed `message`.
    func verifies(_ signature: [UInt8], of message: [UInt8], by algorithm: Algorithm) -> Bool {
        guard let key = X509_get0_pubkey(pointer), EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA,
            let context = EVP_MD_CTX_new()
        else { return false }
        defer { EVP_MD_CTX_free(context) }
        // It belongs to `context`.
        var keyContext: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &keyContext, EVP_sha256(), nil, key) == 1 else { return false }
        if algorithm == .ps256 {
            guard EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, RSA_PSS_SALTLEN_DIGEST) == 1
            else { return false }
        }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// Why there is no certificate.
enum CertificateError: Error, CustomStringConvertible {
    case file(String, reason: String)
    /// What OpenSSL could not do; only for lack of memory or of an algorithm.
    case openSSL(String)

    var description: String {
        switch self {
        case .file(let path, let reason): "\(path): \(reason)"
        case .openSSL(let deed): "OpenSSL could not \(deed)"
        }
    }

    /// As callers of the emulator are told.
    var fileError: EmulatorFileError {
        switch self {
        case .file(let path, let reason): EmulatorFileError(file: path, message: reason)
        case .openSSL: EmulatorFileError(file: "the certificate authority", message: description)
        }
    }
}
