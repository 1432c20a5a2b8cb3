import FoundationEssentials
import FreshetAccess
import FreshetCore
import FreshetKit
import FreshetServer

/// What `server` in freshet.yaml says of who may come in, and from where.
struct ServerSettings {
    /// Everything that is wrong with it.
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var limits = SessionLimits()
    private(set) var checkupEvery = Duration.seconds(86_400)
    private(set) var requestsPerMinute = RequestPace.usual
    private var externalURL: String?
    private var trustedProxies: [AddressRange] = []
    private var provider: OIDCSettings?
    private(set) var identity: TLSIdentity?

    init(_ project: Project) {
        guard let server = project.server else { return }
        do throws(Diagnostic) {
            externalURL = try server.text("external_url")
            if let url = externalURL, Site(url: url) == nil {
                throw Diagnostic(
                    "'\(url)' is not the address of a site",
                    at: server.origin(of: "external_url"),
                    hint: "write it as https://freshet.example.com, without a path"
                )
            }
            limits.idle = try server.duration("session_idle") ?? limits.idle
            limits.absolute = try server.duration("session_life") ?? limits.absolute
            checkupEvery = try server.duration("checkup_every") ?? checkupEvery
            guard checkupEvery >= .seconds(1) else {
                throw Diagnostic(
                    "no service is looked at more than once a second",
                    at: server.origin(of: "checkup_every")
                )
            }
            requestsPerMinute = try server.integer("requests_per_minute") ?? requestsPerMinute
            try checkLimits(server)
            try readProxies(server)
            try readProvider(server)
            try readIdentity(server, root: project.root)
        } catch {
            diagnostics.append(error)
        }
    }

    var hasOIDC: Bool { provider != nil }

    func listener(at address: ListenAddress) -> FreshetAccess.Listener {
        Listener(
            address: address,
            hasTLS: identity != nil,
            trustedProxies: trustedProxies,
            externalURL: externalURL
        )
    }

    /// Who signs people in elsewhere; `nil` where nobody does.
    ///
    /// - Throws: ``Failure`` when the client's secret cannot be read.
    func oidc(_ surroundings: Surroundings) async throws -> OIDCClient? {
        guard var provider else { return nil }
        do throws(SecretError) {
            if let secret = provider.clientSecret {
                provider.clientSecret = try await surroundings.secrets.resolve(secret)
            }
        } catch {
            throw Failure.other("server.oidc.client_secret: \(surroundings.redactor.redact(error.description))")
        }
        return OIDCClient(
            provider,
            transport: surroundings.transport,
            clock: surroundings.clock,
            entropy: Wiring.entropy,
            redactor: surroundings.redactor
        )
    }

    private func checkLimits(_ server: Settings) throws(Diagnostic) {
        guard limits.idle >= .seconds(60) else {
            throw Diagnostic("nobody could stay signed in for less than 1m", at: server.origin(of: "session_idle"))
        }
        guard limits.idle <= limits.absolute else {
            throw Diagnostic(
                "'session_idle' is longer than 'session_life', after which a session ends in any case",
                at: server.origin(of: "session_idle")
            )
        }
    }

    private mutating func readProxies(_ server: Settings) throws(Diagnostic) {
        for text in try server.texts("trusted_proxies") {
            guard let range = AddressRange(parsing: text) else {
                throw Diagnostic(
                    "'\(text)' is no address",
                    at: server.origin(of: "trusted_proxies"),
                    hint: "write 10.0.0.7, or 10.0.0.0/8 with no bit set behind the prefix"
                )
            }
            guard range.prefix > 0 else {
                throw Diagnostic(
                    "'\(text)' would believe anybody about who they are",
                    at: server.origin(of: "trusted_proxies"),
                    hint: "name the addresses of the proxies"
                )
            }
            trustedProxies.append(range)
        }
    }

    private mutating func readIdentity(_ server: Settings, root: String) throws(Diagnostic) {
        guard server.has("tls") else { return }
        let tls = server.object("tls")
        let files = (certificate: try tls.requiredText("certificate"), key: try tls.requiredText("key"))
        let certificate = try Self.read(files.certificate, in: root, at: tls.origin(of: "certificate"))
        let key = try Self.read(files.key, in: root, at: tls.origin(of: "key"))
        do throws(TLSIdentity.Problem) {
            identity = try TLSIdentity(certificate: certificate, key: key)
        } catch {
            let (words, field) =
                switch error {
                case .noCertificate: ("'\(files.certificate)' has no certificate in PEM", "certificate")
                case .noKey: ("'\(files.key)' has no private key in PEM, or an encrypted one", "key")
                case .mismatch: ("'\(files.key)' is not the key of the first certificate", "key")
                }
            throw Diagnostic(words, at: tls.origin(of: field))
        }
    }

    private static func read(_ path: String, in root: String, at origin: Origin) throws(Diagnostic) -> [UInt8] {
        let full = path.hasPrefix("/") ? path : root + "/" + path
        guard let data = FileManager.default.contents(atPath: full) else {
            throw Diagnostic(
                "'\(path)' cannot be read",
                at: origin,
                hint: "the daemon looked for \(full); its user has to be able to read it"
            )
        }
        return Array(data)
    }

    private mutating func readProvider(_ server: Settings) throws(Diagnostic) {
        guard server.has("oidc") else { return }
        let oidc = server.object("oidc")
        var groups: [AccessRole: Set<String>] = [:]
        for role in AccessRole.allCases { groups[role] = Set(try oidc.object("roles").texts(role.rawValue)) }
        let scopes = try oidc.texts("scopes")
        let site = externalURL.flatMap { Site(url: $0) }
        let settings = OIDCSettings(
            issuer: try oidc.requiredText("issuer"),
            clientID: try oidc.requiredText("client_id"),
            clientSecret: try oidc.text("client_secret"),
            redirectURI: (site?.origin ?? "") + OIDCSettings.callback,
            scopes: scopes.isEmpty ? ["profile", "email"] : scopes,
            label: try oidc.text("label") ?? "single sign-on",
            roles: RoleRules(
                claim: try oidc.text("groups_claim") ?? "groups",
                groups: groups,
                otherwise: try oidc.text("default_role").flatMap { AccessRole(rawValue: $0) }
            )
        )
        diagnostics += settings.problems.map { Diagnostic($0, at: oidc.origin) }
        provider = settings
    }
}
