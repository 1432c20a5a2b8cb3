import FreshetCore
import FreshetCrypto
package import FreshetKit
private import Synchronization

/// Signs people in with an identity provider: the code flow of OpenID Connect with PKCE.
///
/// - SeeAlso: OpenID Connect Core 1.0, section 3.1; RFC 9700, "Best Current Practice for OAuth 2.0 Security".
package final class OIDCClient: Sendable {
    private struct State {
        var pending = PendingLogins()
        var provider: (value: OIDCProvider, readAt: Timestamp)?
        /// Why the provider did not say where, when it was asked last.
        var failure: (error: OIDCError, at: Timestamp)?
        var keys: KeyRing?
    }

    package let settings: OIDCSettings
    private let transport: any HTTPTransport
    private let clock: any EngineClock
    private let entropy: Entropy
    private let redactor: Redactor
    private let state = Mutex(State())

    private static let providerFreshFor = Duration.seconds(3600)
    /// Strangers may ask to be sent to the provider; one that is down must not be asked, and waited for, each time.
    private static let failureLastsFor = Duration.seconds(10)

    package init(
        _ settings: OIDCSettings,
        transport: any HTTPTransport,
        clock: any EngineClock,
        entropy: Entropy,
        redactor: Redactor
    ) {
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self.entropy = entropy
        self.redactor = redactor
        if let secret = settings.clientSecret { redactor.learn(secret) }
    }

    /// A browser that is sent to the provider.
    package struct Departure: Hashable, Sendable {
        /// For `Location`.
        package var url: String
        /// The value of `Set-Cookie` that it has to come back with.
        package var cookie: String
    }

    static func cookieName(isSecure: Bool) -> String { SessionCookie.name(isSecure: isSecure) + "-oidc" }

    /// - Parameters:
    ///   - next: the page to go to afterwards; `/` for what is none of ours.
    ///   - isSecure: whether cookies are for TLS.
    /// - Returns: where to, and what to come back with.
    /// - Throws: ``OIDCError`` when the provider does not say where.
    package func begin(next: String?, isSecure: Bool) async throws(OIDCError) -> Departure {
        let provider = try await provider()
        let (state, nonce, verifier, binding) = (try word(), try word(), try word(), try word())
        let login = PendingLogins.Login(
            nonce: nonce,
            verifier: verifier,
            binding: try digest(binding),
            next: PagePath.checked(next),
            endsAt: clock.now + PendingLogins.life
        )
        self.state.withLock { $0.pending.add(login, state: state, at: clock.now) }
        let query = QueryText.encode([
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", settings.redirectURI),
            ("scope", (["openid"] + settings.scopes).joined(separator: " ")), ("state", state), ("nonce", nonce),
            ("code_challenge", Base64.encode(try digest(verifier))), ("code_challenge_method", "S256"),
        ])
        let endpoint = provider.authorizationEndpoint
        return Departure(
            url: endpoint + (endpoint.contains("?") ? "&" : "?") + query,
            cookie: SessionCookie.field(
                Self.cookieName(isSecure: isSecure),
                binding,
                PendingLogins.life.components.seconds,
                isSecure
            )
        )
    }

    /// - Parameters:
    ///   - query: what the browser came back with.
    ///   - headers: of its request.
    ///   - isSecure: whether cookies are for TLS.
    /// - Returns: who it is, and the page to go to.
    /// - Throws: ``OIDCError``.
    func finish(
        query: some StringProtocol,
        headers: HTTPHeaders,
        isSecure: Bool
    ) async throws(OIDCError) -> (identity: Identity, next: String) {
        guard let fields = QueryText.fields(of: query), let state = fields["state"],
            let cookie = SessionCookie.value(Self.cookieName(isSecure: isSecure), in: headers)
        else { throw .unknownLogin }
        let binding = try digest(cookie)
        let found = self.state.withLock { $0.pending.take(state: state, binding: binding, at: clock.now) }
        guard let login = found else { throw .unknownLogin }
        let provider = try await provider()
        // The answer of another provider, which an attacker mixes in, names another or none (RFC 9207).
        let speaker = fields["iss"]
        guard speaker == nil ? !provider.namesItself : speaker == settings.issuer else {
            throw .untrusted("another provider sent the browser back (iss)")
        }
        if let error = fields["error"] {
            throw .denied(redactor.redact(Self.words([error, fields["error_description"] ?? ""])))
        }
        guard let code = fields["code"], !code.isEmpty else { throw .badAnswer("it sent no code") }
        let token = try await exchange(code, login, provider)
        let claims = try await verify(token, login, provider)
        return (try Identity(claims, issuer: settings.issuer, settings.roles), login.next)
    }

    // MARK: Questions to the provider

    private func provider() async throws(OIDCError) -> OIDCProvider {
        let now = clock.now
        if let known = state.withLock({ $0.provider }), now - known.readAt < Self.providerFreshFor {
            return known.value
        }
        if let failure = state.withLock({ $0.failure }), (.zero..<Self.failureLastsFor).contains(now - failure.at) {
            throw failure.error
        }
        do throws(OIDCError) {
            let body = try await ask(HTTPRequest("GET", OIDCProvider.address(ofIssuer: settings.issuer)))
            let provider = try OIDCProvider(body, issuer: settings.issuer)
            state.withLock { ($0.provider, $0.failure) = ((provider, now), nil) }
            return provider
        } catch {
            // From when it failed, which may be long after it was asked.
            state.withLock { [clock] in $0.failure = (error, clock.now) }
            throw error
        }
    }

    private func exchange(
        _ code: String,
        _ login: PendingLogins.Login,
        _ provider: OIDCProvider
    ) async throws(OIDCError) -> IDToken {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", settings.redirectURI),
            ("client_id", settings.clientID), ("code_verifier", login.verifier),
        ]
        var request = HTTPRequest("POST", provider.tokenEndpoint)
        request.headers = ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"]
        if let secret = settings.clientSecret {
            if provider.takesSecretInForm {
                fields.append(("client_secret", secret))
            } else {
                let pair = QueryText.encode(settings.clientID) + ":" + QueryText.encode(secret)
                request.headers["Authorization"] = "Basic " + Base64.padded(Array(pair.utf8))
            }
        }
        request.body = Array(QueryText.encode(fields).utf8)
        let body = try await ask(request)
        // An answer that cannot be read holds no token.
        guard let text = (try? JSONValue(parsing: body))?["id_token"]?.text else {
            throw .badAnswer("it gave no id_token; the scope openid has to be allowed")
        }
        return try IDToken(text)
    }

    private func verify(
        _ token: IDToken,
        _ login: PendingLogins.Login,
        _ provider: OIDCProvider
    ) async throws(OIDCError) -> [String: JSONValue] {
        var keys = state.withLock { $0.keys }
        if keys?.isWorthAsking(for: token, at: clock.now) ?? true {
            let read = try KeyRing(try await ask(HTTPRequest("GET", provider.keysAddress)), at: clock.now)
            state.withLock { $0.keys = read }
            keys = read
        }
        guard let key = keys?.key(for: token) else {
            throw .untrusted("it is signed by a key that the provider does not show")
        }
        let expected = IDToken.Expectation(
            issuer: settings.issuer,
            clientID: settings.clientID,
            nonce: login.nonce,
            now: clock.now
        )
        return try token.verified(by: key, expected)
    }

    private func ask(_ request: HTTPRequest) async throws(OIDCError) -> [UInt8] {
        var request = request
        request.timeout = .seconds(15)
        request.maxBodySize = 1 << 20
        // Providers of a company's own are welcome, what hands out a machine's credentials is not.
        request.egress = Egress(allowsPrivate: true)
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await transport.send(request)
        } catch {
            throw .unreachable(redactor.redact(error.message))
        }
        guard response.status == 200 else {
            // Its own words help, if there are any.
            let answer = try? JSONValue(parsing: response.body)
            let texts = [answer?["error"]?.text ?? "", answer?["error_description"]?.text ?? ""]
            throw .denied(redactor.redact("status \(response.status) \(Self.words(texts))"))
        }
        return response.body
    }

    private static func words(_ texts: [String]) -> String {
        let plain = texts.filter { !$0.isEmpty }.joined(separator: ": ").unicodeScalars
            .map { $0.properties.generalCategory == .control ? " " : Character($0) }
        return String(plain.prefix(300))
    }

    // MARK: Words that nobody can guess

    private func word() throws(OIDCError) -> String {
        do throws(CryptoError) { return Base64.encode(try entropy.bytes(32)) } catch { throw .fault(.crypto(error)) }
    }

    private func digest(_ text: String) throws(OIDCError) -> [UInt8] {
        do throws(CryptoError) { return try Digest.sha256(Array(text.utf8)) } catch { throw .fault(.crypto(error)) }
    }
}

/// Where to go after signing in: a page of ours, or `/`.
enum PagePath {
    static func checked(_ text: String?) -> String {
        guard let text, text.utf8.count <= 2048, text.hasPrefix("/"), !text.hasPrefix("//"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") })
        else { return "/" }
        return text
    }
}
