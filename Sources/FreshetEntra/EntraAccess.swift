internal import FreshetCore
package import FreshetKit

/// How a project signs in to Microsoft Entra: exactly one way, read from the settings of whatever needs it.
package struct EntraAccess: Sendable {
    /// What a connection or a backend that signs in can state about it.
    package static let fields: [Field] = [
        Field("tenant_id", .text, altersWork: false, "The tenant's id or domain."),
        Field("client_id", .text, altersWork: false, "The application's id."),
        Field("client_secret", .secret, altersWork: false, "Sign in by the value of a client secret, not its id."),
        Field(
            "certificate",
            .anyOf([.secret, .text]),
            altersWork: false,
            "Sign in by a certificate: a PEM file with the private key and its certificates, or a secret with that text."
        ),
        Field("certificate_password", .secret, altersWork: false, "The password of the certificate's private key."),
        Field(
            "federated_token_file",
            .text,
            altersWork: false,
            "Sign in by a token of another issuer, read from this file at each request; AZURE_FEDERATED_TOKEN_FILE where no way is stated."
        ),
        Field(
            "managed_identity",
            .anyOf([.choice(["system"]), .object(identity)]),
            altersWork: false,
            "Sign in as an identity of the machine in Azure: system, or one of its user-assigned ones."
        ),
        Field(
            "identity_endpoint",
            .text,
            default: ManagedIdentity.machineEndpoint,
            altersWork: false,
            "Where a managed identity is asked for; App Service names its own in IDENTITY_ENDPOINT."
        ),
        Field("access_token", .secret, altersWork: false, "A token that somebody else obtained and renews."),
        Field(
            "cloud",
            .choice(EntraCloud.allCases.map(\.rawValue)),
            default: "public",
            altersWork: false,
            "The Microsoft cloud, which sets every address that is not stated alone."
        ),
        Field(
            "authority_url",
            .text,
            default: EntraCloud.public.authorityURL,
            altersWork: false,
            "Where to sign in; that of the cloud unless it is stated."
        ),
    ]

    private static let identity: [Field] = [
        Field("client_id", .text, altersWork: false, "The identity's client id."),
        Field("object_id", .text, altersWork: false, "The identity's object id."),
        Field("resource_id", .text, altersWork: false, "The identity's resource id in Azure."),
    ]

    package let cloud: EntraCloud
    private let credential: any EntraCredential
    private let surroundings: Surroundings

    /// - Throws: a diagnostic that names a second way to sign in, or what the stated way lacks.
    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        cloud = try settings.text("cloud").flatMap(EntraCloud.init(rawValue:)) ?? .public
        self.surroundings = surroundings
        credential = try EntraSettings(settings, cloud, surroundings).credential()
    }

    /// A new cache for the tokens of one resource.
    ///
    /// The scope names that resource and ends in `/.default`; it may hold references.
    package func tokens(scope: String) -> TokenCache {
        TokenCache(now: { [surroundings] in surroundings.clock.now }) { [credential, surroundings] in
            do throws(SecretError) {
                return await credential.obtain(try await surroundings.secrets.resolve(scope))
            } catch {
                return .failure(.secret(error))
            }
        }
    }
}
