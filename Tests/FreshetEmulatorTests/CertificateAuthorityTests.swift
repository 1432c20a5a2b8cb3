import Foundation
import Testing

@testable import FreshetEmulator

@Suite struct CertificateAuthorityTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/freshet-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `a folder keeps the authority, readable by its owner alone`() throws {
        try withFolder { folder in
            let first = try CertificateAuthority.kept(in: folder + "/tls")
            #expect(first.file == folder + "/tls/ca.pem")
            #expect(try mode(first.file) == 0o600)
            #expect(try mode(folder + "/tls/ca-key.pem") == 0o600)
            let before = FileManager.default.contents(atPath: first.file)
            first.discard()
            let second = try CertificateAuthority.kept(in: folder + "/tls")
            #expect(FileManager.default.contents(atPath: second.file) == before)
        }
    }

    @Test func `a certificate without its key is not taken for an authority`() throws {
        try withFolder { folder in
            _ = try CertificateAuthority.kept(in: folder)
            try FileManager.default.removeItem(atPath: folder + "/ca-key.pem")
            let error = #expect(throws: CertificateError.self) { try CertificateAuthority.kept(in: folder) }
            #expect(error?.description.contains("ca-key.pem") == true)
        }
    }

    @Test func `without a folder the certificate goes with the process and the key is never written`() throws {
        let authority = try CertificateAuthority.temporary()
        let folder = URL(filePath: authority.file).deletingLastPathComponent().path
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["ca.pem"])
        authority.discard()
        #expect(!FileManager.default.fileExists(atPath: folder))
    }
}
