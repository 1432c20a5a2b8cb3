import CCrypto
import FoundationEssentials
import Glibc

/// The authority that vouches for the emulator's address, and where clients find its certificate.
struct CertificateAuthority {
    private let certificate: Certificate
    private let key: KeyPair
    /// The PEM file with the authority's certificate, and nothing secret; an absolute path.
    let file: String
    /// The folder to remove at the end; nil when it is to stay.
    private let temporaryFolder: String?

    /// What the server proves itself with, both in PEM.
    struct Identity {
        var chain: [UInt8]
        var key: [UInt8]
    }

    /// Makes an authority for this process alone: only its certificate is written, into a folder of its own.
    ///
    /// - Throws: ``CertificateError``.
    static func temporary() throws(CertificateError) -> CertificateAuthority {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/freshet-emulator-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .file(parent, reason: String(cString: strerror(errno))) }
        let folder = template.withUnsafeBufferPointer { String(decoding: $0.dropLast().map(UInt8.init), as: UTF8.self) }
        let authority = try CertificateAuthority(new: "\(folder)/ca.pem", temporaryFolder: folder)
        try write(try authority.certificate.pem(), to: authority.file)
        return authority
    }

    /// The authority that a folder holds; a new one, kept there, if it holds none.
    ///
    /// - Throws: ``CertificateError``.
    static func kept(in folder: String) throws(CertificateError) -> CertificateAuthority {
        var absolute = folder
        if !folder.hasPrefix("/") { absolute = FileManager.default.currentDirectoryPath + "/" + folder }
        let (file, keyFile) = ("\(absolute)/ca.pem", "\(absolute)/ca-key.pem")
        if let pem = FileManager.default.contents(atPath: file) {
            guard let certificate = Certificate(pem: Array(pem)) else {
                throw .file(file, reason: "no certificate in it")
            }
            guard let key = FileManager.default.contents(atPath: keyFile).flatMap({ KeyPair(pem: Array($0)) }) else {
                throw .file(keyFile, reason: "no private key in it; remove \(file) to have both made anew")
            }
            return CertificateAuthority(certificate: certificate, key: key, file: file, temporaryFolder: nil)
        }
        guard mkdir(absolute, 0o700) == 0 || errno == EEXIST else {
            throw .file(absolute, reason: String(cString: strerror(errno)))
        }
        let authority = try CertificateAuthority(new: file, temporaryFolder: nil)
        // The key first: a certificate without its key would be taken for whole the next time.
        try write(try authority.key.pem(), to: keyFile)
        try write(try authority.certificate.pem(), to: file)
        return authority
    }

    /// Removes what was only for this process.
    func discard() {
        guard let temporaryFolder else { return }
        unlink(file)
        rmdir(temporaryFolder)
    }

    /// A new certificate for this machine's own addresses.
    ///
    /// - Throws: ``CertificateError/openSSL(_:)``.
    func identity() throws(CertificateError) -> Identity {
        let own = try KeyPair()
        let request = Certificate.Request(
            name: "localhost",
            days: 397,
            extensions: [
                (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "serverAuth"), (NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:localhost"),
                (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid:always"),
            ]
        )
        let leaf = try Certificate.issue(request, for: own, by: (certificate, key))
        return Identity(chain: try leaf.pem(), key: try own.pem())
    }

    private init(certificate: Certificate, key: KeyPair, file: String, temporaryFolder: String?) {
        self.certificate = certificate
        self.key = key
        self.file = file
        self.temporaryFolder = temporaryFolder
    }

    private init(new file: String, temporaryFolder: String?) throws(CertificateError) {
        key = try KeyPair()
        let request = Certificate.Request(
            name: "Freshet emulator",
            days: 3_650,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"), (NID_subject_key_identifier, "hash"),
            ]
        )
        certificate = try Certificate.issue(request, for: key)
        self.file = file
        self.temporaryFolder = temporaryFolder
    }

    /// Writes a file that only its owner may read.
    private static func write(_ bytes: [UInt8], to path: String) throws(CertificateError) {
        let handle = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard handle >= 0 else { throw .file(path, reason: String(cString: strerror(errno))) }
        defer { close(handle) }
        // A few kilobytes: the system takes them whole or not at all.
        guard Glibc.write(handle, bytes, bytes.count) == bytes.count else {
            throw .file(path, reason: String(cString: strerror(errno)))
        }
    }
}
