import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEntra

struct `Signing in by certificate` {
    private let own = TestCertificate()

    private func fields(_ certificate: String, password: String? = nil) -> KeyValuePairs<String, Stated> {
        guard let password else {
            return ["tenant_id": "tenant", "client_id": "app", "certificate": .text(certificate)]
        }
        return [
            "tenant_id": "tenant", "client_id": "app", "certificate": .text(certificate),
            "certificate_password": .text(password),
        ]
    }

    /// Reference to a secret with this text.
    private func scene(_ pem: String) -> Scene {
        var scene = Scene()
        scene.secrets = TableSecrets(["${secret:env/CERT}": pem])
        return scene
    }

    private func refusal(_ pem: String, password: String? = nil) async throws -> EntraError? {
        let tokens = try scene(pem).tokens(fields("${secret:env/CERT}", password: password))
        return await #expect(throws: EntraError.self) { try await tokens.get() }
    }

    @Test(arguments: ["", "\n"]) func `an empty certificate is none, and no path`(_ pem: String) async throws {
        #expect(try await refusal(pem) == .certificate(.noPrivateKey))
    }

    @Test func `shows an assertion that a verifier accepts, and no secret`() async throws {
        let scene = scene(own.keyPEM + own.certificatePEM)
        scene.grant()
        #expect(try await scene.tokens(fields("${secret:env/CERT}")).get() == "granted-token")
        let form = try #require(scene.forms.first)
        #expect(form["client_id"] == "app")
        #expect(form["client_secret"] == nil)
        #expect(form["grant_type"] == "client_credentials")
        #expect(form["scope"] == "https://resource.test/api/.default")
        #expect(form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        let parts = try #require(form["client_assertion"]).split(separator: ".").map(String.init)
        try #require(parts.count == 3)
        let header = try JSONValue(parsing: try #require(Base64URL.decode(parts[0])))
        #expect(
            header == ["alg": "PS256", "typ": "JWT", "x5t#S256": .text(Base64URL.encode(own.thumbprint))]
        )
        let claims = try JSONValue(parsing: try #require(Base64URL.decode(parts[1])))
        let url = "https://login.microsoftonline.com/tenant/oauth2/v2.0/token"
        #expect(scene.transport.requests.first?.url == url)
        #expect(claims["aud"] == .text(url))
        #expect(claims["iss"] == "app")
        #expect(claims["sub"] == "app")
        #expect(claims["nbf"] == 1_767_225_600)
        #expect(claims["iat"] == 1_767_225_600)
        #expect(claims["exp"] == 1_767_226_200)
        #expect(UUID(uuidString: claims["jti"]?.text ?? "") != nil)
        let signature = try #require(Base64URL.decode(parts[2]))
        #expect(own.accepts(signature, of: parts[0] + "." + parts[1]))
        #expect(!own.accepts(signature, of: parts[0] + "." + parts[1] + "x"))
        #expect(!TestCertificate().accepts(signature, of: parts[0] + "." + parts[1]))
    }

    @Test func `makes a new assertion for each request`() async throws {
        let scene = scene(own.keyPEM + own.certificatePEM)
        let tokens = try scene.tokens(fields("${secret:env/CERT}"))
        for _ in 0..<3 {
            scene.grant()
            await tokens.drop(try await tokens.get())
        }
        #expect(Set(scene.forms.compactMap { $0["client_assertion"] }).count == 3)
    }

    @Test func `takes the certificate of the key out of a chain, in any order`() async throws {
        let other = TestCertificate()
        for pem in [
            other.certificatePEM + own.certificatePEM + own.keyPEM,
            own.certificatePEM + own.keyPEM + other.certificatePEM,
        ] {
            #expect(try SigningCertificate(pem: pem, password: nil).thumbprint() == own.thumbprint)
        }
    }

    @Test func `opens a locked key with its password`() async throws {
        let pem = own.keyPEM(lockedBy: "open-sesame") + own.certificatePEM
        let scene = scene(pem)
        scene.grant()
        _ = try await scene.tokens(fields("${secret:env/CERT}", password: "open-sesame")).get()
        #expect(scene.redactor.redact("open-sesame") == "[redacted]")
        for password in [nil, "", "wrong"] {
            #expect(try await refusal(pem, password: password) == .certificate(.locked))
        }
    }

    @Test func `says what is wrong with a certificate`() async throws {
        let elliptic = TestCertificate("EC")
        #expect(try await refusal("-----BEGIN NOTHING-----") == .certificate(.noPrivateKey))
        #expect(try await refusal(own.certificatePEM) == .certificate(.noPrivateKey))
        #expect(try await refusal(own.keyPEM) == .certificate(.noCertificate))
        #expect(try await refusal(own.keyPEM + TestCertificate().certificatePEM) == .certificate(.foreignKey))
        #expect(try await refusal(elliptic.keyPEM + elliptic.certificatePEM) == .certificate(.notRSA))
        #expect(EntraError.certificate(.locked).description.contains("certificate_password"))
        #expect(!EntraError.certificate(.foreignKey).isTransient)
    }

    @Test func `reads a file at each request, if nobody else can`() async throws {
        var scene = Scene()
        scene.root = try temporaryFolder()
        let path = scene.root + "/app.pem"
        func write(_ certificate: TestCertificate, mode: Int) throws {
            try (certificate.keyPEM + certificate.certificatePEM).write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        try write(own, mode: 0o600)
        let tokens = try scene.tokens(fields("app.pem"))
        scene.grant()
        await tokens.drop(try await tokens.get())
        let other = TestCertificate()
        try write(other, mode: 0o600)
        scene.grant()
        await tokens.drop(try await tokens.get())
        let headers = scene.forms.map { $0["client_assertion"]?.prefix { $0 != "." } ?? "" }
        let thumbprints = try headers.map { try JSONValue(parsing: Base64URL.decode($0) ?? [])["x5t#S256"]?.text }
        #expect(thumbprints == [Base64URL.encode(own.thumbprint), Base64URL.encode(other.thumbprint)])
        try write(own, mode: 0o644)
        let error = await #expect(throws: EntraError.self) { try await tokens.get() }
        #expect(error?.description.contains("everyone may read it") == true)
    }
}
