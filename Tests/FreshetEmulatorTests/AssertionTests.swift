import Testing

@testable import FreshetEmulator

@Suite struct AssertionTests {
    private static let client = "b94d27f1-0c63-4a8e-8f52-6e1a9d3c7b40"
    private static let key = Result { try SigningKey() }

    private let fixture: Fixture
    private let key: SigningKey

    init() throws {
        let key = try Self.key.get()
        let pem = key.pem
        self.key = key
        fixture = Fixture { $0.seed.certificates = [pem] }
    }

    private func claims(_ changes: [String: JSON] = [:]) -> [String: JSON] {
        let claims: [String: JSON] = [
            "aud": .string("https://login.microsoftonline.com" + Fixture.tokenPath), "exp": 1_790_000_600,
            "iat": 1_790_000_000, "iss": .string(Self.client), "jti": "a-new-one", "nbf": 1_790_000_000,
            "sub": .string(Self.client),
        ]
        return claims.merging(changes) { $1 }.filter { $0.value != .null }
    }

    private var header: [String: JSON] {
        let thumbprint = Base64.encodedURL(Digest.sha256(key.der))
        return ["alg": "PS256", "typ": "JWT", "x5t#S256": .string(thumbprint)]
    }

    private func ask(_ assertion: String, type: String? = nil) -> Reply? {
        var form = Fixture.grant
        form["client_secret"] = nil
        form["client_assertion"] = assertion
        form["client_assertion_type"] = type ?? "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return fixture.ask("POST", Fixture.tokenPath, form: form)
    }

    private func code(_ reply: Reply?) -> JSON? { reply?.json?["error_codes"]?.elements?.first }

    @Test func `the key of a registered certificate gets a token, in the padding of today`() {
        let reply = ask(key.token(header, claims(), as: .ps256))
        #expect(reply?.status == 200 && reply?.json?["access_token"]?.string?.isEmpty == false)
    }

    @Test func `the older header with SHA-1 and the older padding are taken too`() {
        let thumbprint = Base64.encodedURL(Digest.sha1(key.der))
        let token = key.token(["alg": "RS256", "x5t": .string(thumbprint)], claims(), as: .rs256)
        #expect(ask(token)?.status == 200)
    }

    @Test func `a thumbprint may be padded and a date have a fraction, as MSAL writes them`() {
        let thumbprint = Base64.encodedURL(Digest.sha1(key.der)) + "="
        let token = key.token(
            ["alg": "RS256", "x5t": .string(thumbprint)],
            claims(["exp": 1_790_000_600.5]),
            as: .rs256
        )
        #expect(ask(token)?.status == 200)
    }

    @Test func `a certificate that is not registered is refused with its thumbprint`() throws {
        let stranger = try SigningKey()
        let thumbprint = Digest.sha256(stranger.der)
        var header = header
        header["x5t#S256"] = .string(Base64.encodedURL(thumbprint))
        let reply = ask(stranger.token(header, claims(), as: .ps256))
        #expect(reply?.status == 401 && code(reply) == 700_027)
        let description = reply?.json?["error_description"]?.string ?? ""
        #expect(description.contains(Digest.hex(thumbprint).uppercased()))
    }

    @Test func `a signature of another key, or in another padding than the header says, is refused`() throws {
        let forged = ask(try SigningKey().token(header, claims(), as: .ps256))
        #expect(forged?.status == 401 && code(forged) == 700_027)
        #expect(code(ask(key.token(header, claims(), as: .rs256))) == 700_027)
    }

    @Test(
        arguments: [
            ("aud", "https://login.microsoftonline.com/elsewhere/oauth2/v2.0/token", 700_023),
            ("aud", .null, 700_023), ("exp", 1_789_999_000, 700_024), ("exp", .null, 700_024),
            ("nbf", 1_790_000_400, 700_024), ("sub", "somebody else", 50_027), ("jti", .null, 50_027),
        ] as [(String, JSON, Int)]
    )
    func `a claim that is wrong is refused by Entra's code`(claim: String, value: JSON, expected: Int) {
        let reply = ask(key.token(header, claims([claim: value]), as: .ps256))
        #expect(reply?.status == 401)
        #expect(reply?.json?["error"] == "invalid_client")
        #expect(code(reply) == .int(expected))
    }

    @Test func `what is no signed token is refused`() {
        #expect(code(ask("not.a token")) == 50_027)
        #expect(code(ask(key.token(["alg": "none"], claims(), as: .ps256))) == 50_027)
        #expect(code(ask(key.token(header, claims(), as: .ps256), type: "saml")) == 50_027)
    }

    @Test func `an assertion is taken once`() {
        let token = key.token(header, claims(), as: .ps256)
        #expect(ask(token)?.status == 200)
        #expect(code(ask(token)) == 50_013)
        #expect(ask(key.token(header, claims(["jti": "another"]), as: .ps256))?.status == 200)
    }

    @Test func `certificates are changed while it runs, and a bad one is refused`() throws {
        _ = fixture.ask("POST", "/_emulator/credentials", ["certificates": []])
        #expect(code(ask(key.token(header, claims(), as: .ps256))) == 700_027)
        #expect(fixture.ask("POST", "/_emulator/credentials", ["certificates": ["nonsense"]])?.status == 400)
        _ = fixture.ask("POST", "/_emulator/credentials", ["certificates": [.string(key.pem)]])
        #expect(ask(key.token(header, claims(), as: .ps256))?.status == 200)
    }

    @Test func `the ledger does not keep an assertion`() {
        let token = key.token(header, claims(), as: .ps256)
        _ = ask(token)
        #expect(fixture.ask("GET", "/_emulator/ledger")?.json?.text.contains(token) == false)
    }

    // MARK: Of another identity provider

    private static let credential: JSON = [
        "issuer": "https://kubernetes.example", "subject": "system:serviceaccount:bi:freshet",
    ]

    private func foreign(_ changes: [String: JSON] = [:]) -> String {
        let claims: [String: JSON] = [
            "aud": ["api://AzureADTokenExchange"], "exp": 1_790_003_600, "iss": "https://kubernetes.example",
            "nbf": 1_790_000_000, "sub": "system:serviceaccount:bi:freshet",
        ]
        return key.token(["alg": "RS256", "kid": "1"], claims.merging(changes) { $1 }, as: .rs256)
    }

    @Test func `the token of a trusted issuer is taken, again and again`() {
        _ = fixture.ask("POST", "/_emulator/credentials", ["federated": [Self.credential]])
        #expect(ask(foreign())?.status == 200)
        #expect(ask(foreign())?.status == 200)
    }

    @Test(
        arguments: [
            ("iss", "https://kubernetes.example/", 700_211), ("sub", "system:serviceaccount:bi:other", 700_213),
            ("sub", "system:serviceaccount:BI:freshet", 7_002_138), ("aud", "api://azureadtokenexchange", 700_212),
            ("exp", 1_789_999_000, 700_024),
        ] as [(String, JSON, Int)]
    )
    func `a token that matches no federated credential is refused`(claim: String, value: JSON, expected: Int) {
        _ = fixture.ask("POST", "/_emulator/credentials", ["federated": [Self.credential]])
        let reply = ask(foreign([claim: value]))
        #expect(reply?.status == 401)
        #expect(code(reply) == .int(expected))
    }

    @Test func `an app without federated credentials says so`() {
        let reply = ask(foreign())
        #expect(reply?.status == 400 && code(reply) == 70_021)
    }
}
