import CCrypto
import Foundation
import FreshetCore
import FreshetCrypto
import FreshetKit
import FreshetTesting
import Synchronization

@testable import FreshetAccess

/// A key of an identity provider, with its private half.
final class ProviderKey: @unchecked Sendable {  // Only read after it was made.
    let algorithm: String
    let id: String?
    private let key: OpaquePointer

    init(_ algorithm: String, id: String?, bits: Int32 = 2048) {
        self.algorithm = algorithm
        self.id = id
        let context = EVP_PKEY_CTX_new_from_name(nil, algorithm == "ES256" ? "EC" : "RSA", nil)
        defer { EVP_PKEY_CTX_free(context) }
        EVP_PKEY_keygen_init(context)
        if algorithm == "ES256" {
            EVP_PKEY_CTX_set_group_name(context, "P-256")
        } else {
            EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits)
        }
        var key: OpaquePointer?
        EVP_PKEY_keygen(context, &key)
        self.key = key!
    }

    deinit { EVP_PKEY_free(key) }

    /// As a JSON Web Key.
    var document: JSONValue {
        var members: [String: JSONValue] = ["use": "sig", "alg": .text(algorithm)]
        if let id { members["kid"] = .text(id) }
        if algorithm == "ES256" {
            var point = [UInt8](repeating: 0, count: 65)
            var count = 0
            EVP_PKEY_get_octet_string_param(key, "pub", &point, 65, &count)
            members["kty"] = "EC"
            members["crv"] = "P-256"
            members["x"] = .text(Base64.encode(Array(point[1..<33])))
            members["y"] = .text(Base64.encode(Array(point[33..<65])))
        } else {
            members["kty"] = "RSA"
            members["n"] = .text(Base64.encode(number("n")))
            members["e"] = .text(Base64.encode(number("e")))
        }
        return .object(members)
    }

    private func number(_ name: String) -> [UInt8] {
        var value: OpaquePointer?
        EVP_PKEY_get_bn_param(key, name, &value)
        defer { BN_free(value) }
        var bytes = [UInt8](repeating: 0, count: Int(BN_num_bits(value) + 7) / 8)
        BN_bn2bin(value, &bytes)
        return bytes
    }

    /// A signed JSON Web Token.
    func token(_ claims: [String: JSONValue], header more: [String: JSONValue] = [:]) -> String {
        var header: [String: JSONValue] = ["alg": .text(algorithm), "typ": "JWT"]
        if let id { header["kid"] = .text(id) }
        header.merge(more) { $1 }
        let parts = [JSONValue.object(header), .object(claims)].map { Base64.encode(Array($0.serialized().utf8)) }
        let message = parts.joined(separator: ".")
        return message + "." + Base64.encode(signature(of: Array(message.utf8)))
    }

    private func signature(of message: [UInt8]) -> [UInt8] {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key)
        var size = 0
        EVP_DigestSign(context, nil, &size, message, message.count)
        var signature = [UInt8](repeating: 0, count: size)
        EVP_DigestSign(context, &signature, &size, message, message.count)
        signature = Array(signature[..<size])
        guard algorithm == "ES256" else { return signature }
        let pair = signature.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            return d2i_ECDSA_SIG(nil, &position, bytes.count)
        }
        defer { ECDSA_SIG_free(pair) }
        var numbers = [UInt8](repeating: 0, count: 64)
        numbers.withUnsafeMutableBufferPointer { bytes in
            BN_bn2binpad(ECDSA_SIG_get0_r(pair), bytes.baseAddress, 32)
            BN_bn2binpad(ECDSA_SIG_get0_s(pair), bytes.baseAddress! + 32, 32)
        }
        return numbers
    }
}

/// A small identity provider that does what its script says.
final class Provider: HTTPTransport {
    struct Script {
        var keys: [ProviderKey]
        /// Signs what it states; among `keys` or not.
        var signer: ProviderKey
        var claims: [String: JSONValue]
        var header: [String: JSONValue] = [:]
        var metadata: [String: JSONValue]
        /// Answers in place of its own, by the end of the address.
        var answers: [String: HTTPResponse] = [:]
    }

    static let issuer = "https://login.test/tenant/v2.0"
    static let rsa = ProviderKey("RS256", id: "rsa-1")
    static let ec = ProviderKey("ES256", id: "ec-1")

    let script: Mutex<Script>
    private let seen = Mutex<[HTTPRequest]>([])

    init() {
        script = Mutex(
            Script(
                keys: [Self.rsa, Self.ec],
                signer: Self.rsa,
                claims: [
                    "iss": .text(Self.issuer), "aud": "freshet", "sub": "subject-17", "name": "Ana Brandt",
                    "preferred_username": "Ana.Brandt@Example.test", "groups": ["all", "data"],
                ],
                metadata: [
                    "issuer": .text(Self.issuer), "authorization_endpoint": "https://login.test/authorize",
                    "token_endpoint": "https://login.test/token", "jwks_uri": "https://login.test/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                ]
            )
        )
    }

    var requests: [HTTPRequest] { seen.withLock { $0 } }

    func asked(_ part: String) -> Int { requests.filter { $0.url.contains(part) }.count }

    func change(_ body: (inout Script) -> Void) { script.withLock { body(&$0) } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        seen.withLock { $0.append(request) }
        return script.withLock { script in
            if let answer = script.answers.first(where: { request.url.hasSuffix($0.key) })?.value { return answer }
            let document: JSONValue
            if request.url.hasSuffix("/.well-known/openid-configuration") {
                document = .object(script.metadata)
            } else if request.url.hasSuffix("/keys") {
                document = ["keys": .list(script.keys.map(\.document))]
            } else {
                document = [
                    "id_token": .text(script.signer.token(script.claims, header: script.header)),
                    "token_type": "Bearer",
                ]
            }
            return HTTPResponse(status: 200, body: Array(document.serialized().utf8))
        }
    }
}

/// A browser that signs in with the provider.
struct Journey {
    let house = House(Listener(address: ListenAddress("127.0.0.1:8640")!, externalURL: "https://freshet.test"))
    let provider = Provider()
    let redactor = Redactor()
    var settings = OIDCSettings(
        issuer: Provider.issuer,
        clientID: "freshet",
        clientSecret: "client-secret-canary",
        redirectURI: "https://freshet.test" + OIDCSettings.callback,
        roles: RoleRules(groups: [.operator: ["data"], .admin: ["boss"]])
    )
    let visitor = SignIn.Visitor(address: "192.0.2.7", agent: "Browser/1", session: nil, isSecure: true)

    func client() -> OIDCClient {
        OIDCClient(settings, transport: provider, clock: house.clock, entropy: house.entropy, redactor: redactor)
    }

    /// What the provider was sent, and the cookie beside it.
    func leave(_ client: OIDCClient, next: String? = "/runs?x=1") async throws -> (
        query: [String: String], cookie: String
    ) {
        let departure = try await client.begin(next: next, isSecure: true)
        let query = departure.url.split(separator: "?", maxSplits: 1)[1]
        let fields = try requireFields(query)
        let now = house.clock.now.milliseconds / 1000
        provider.change { script in
            script.claims["nonce"] = .text(fields["nonce"] ?? "")
            script.claims["iat"] = script.claims["iat"] ?? .integer(now)
            script.claims["exp"] = script.claims["exp"] ?? .integer(now + 300)
        }
        return (fields, String(departure.cookie.prefix { $0 != ";" }))
    }

    func come(
        _ client: OIDCClient,
        _ query: String,
        _ cookie: String
    ) async throws(OIDCError) -> (answer: SignInAnswer, next: String) {
        try await house.signIn.withOIDC(client, query: query, headers: ["Cookie": cookie], visitor)
    }

    /// There and back.
    func walk(_ client: OIDCClient? = nil) async throws -> (answer: SignInAnswer, next: String) {
        let client = client ?? self.client()
        let (query, cookie) = try await leave(client)
        return try await come(client, "code=c-1&state=\(query["state"] ?? "")", cookie)
    }

    private func requireFields(_ query: Substring) throws -> [String: String] {
        guard let fields = QueryText.fields(of: query) else { throw Unexpected("the query cannot be read: \(query)") }
        return fields
    }
}
