internal import FreshetCore
internal import FreshetKit

/// Who asks AWS: by the keys of the settings, else as every tool of Amazon's finds them on this machine.
///
/// - SeeAlso: "Standardized credential providers" of the AWS SDKs and Tools Reference Guide (docs.aws.amazon.com).
struct AWSCredentials: Sendable {
    static let fields = [
        Field(
            "access_key_id",
            .text,
            default: "as for every AWS tool: AWS_… variables, profile, role of the container or machine",
            "The id of the access key."
        ),
        Field("secret_access_key", .secret, "The access key's secret."),
        Field("session_token", .secret, "The token of temporary keys."),
        Field("profile", .text, default: "${env:AWS_PROFILE}", "The profile in ~/.aws/config and ~/.aws/credentials."),
        Field("role_arn", .text, "A role to take on with the keys that were found."),
        Field("external_id", .text, "What the role's owner wants to be told with it."),
    ]

    private let stated: (id: String, secret: String, token: String?)?
    private let profile: String?
    private let role: String?
    private let externalID: String?
    private let shelf = AWSKeyShelf()
    private let roleShelf = AWSKeyShelf()

    init(from settings: Settings) throws(Diagnostic) {
        let id = try settings.text("access_key_id")
        let secret = try settings.text("secret_access_key")
        guard (id == nil) == (secret == nil) else {
            throw settings.missing(id == nil ? "access_key_id" : "secret_access_key")
        }
        profile = try settings.text("profile")
        if id != nil, profile != nil {
            throw Diagnostic(
                "'profile' has no effect beside 'access_key_id'",
                at: settings.origin(of: "profile"),
                hint: "state one of the two"
            )
        }
        role = try settings.text("role_arn")
        externalID = try settings.text("external_id")
        if externalID != nil, role == nil { throw settings.missing("role_arn") }
        let token = try settings.text("session_token")
        if token != nil, id == nil { throw settings.missing("access_key_id") }
        if let id, let secret { stated = (id, secret, token) } else { stated = nil }
    }

    /// The key as of now; kept until it is about to end, or is refused.
    ///
    /// `region` is where a role is asked for.
    func key(region: String, _ surroundings: Surroundings) async throws(AWSKeyError) -> AWSKey {
        guard let role else { return try await ownKey(region, surroundings) }
        return try await roleShelf.key(surroundings) { () async throws(AWSKeyError) in
            let own = try await ownKey(region, surroundings)
            let request = AWSRole(
                arn: try await resolve(role, surroundings),
                externalID: try await resolve(externalID, surroundings)
            )
            let tokens = AWSTokenService(surroundings: surroundings, region: region)
            return try await tokens.assume(request, with: own)
        }
    }

    private func ownKey(_ region: String, _ surroundings: Surroundings) async throws(AWSKeyError) -> AWSKey {
        if let stated {
            let key = AWSKey(
                accessKeyID: try await resolve(stated.id, surroundings),
                secretAccessKey: try await resolve(stated.secret, surroundings),
                sessionToken: try await resolve(stated.token, surroundings)
            )
            // A secret that is written down plainly is one all the same.
            key.teach(surroundings.redactor)
            return key
        }
        let machine = AWSMachine(surroundings: surroundings, region: region)
        let profile = try await resolve(profile, surroundings)
        if profile == nil, let key = try machine.variableKey() { return key }
        return try await shelf.key(surroundings) { () async throws(AWSKeyError) in
            try await machine.key(profile: profile)
        }
    }

    /// Forgets what was kept: the other side does not take it, and there may be newer.
    func refused(_ surroundings: Surroundings) async {
        if let stated {
            for text in [stated.id, stated.secret, stated.token].compactMap(\.self) {
                await surroundings.secrets.forget(text)
            }
        }
        await shelf.clear()
        await roleShelf.clear()
    }

    /// The region that a variable or the profile states; `nil` where neither does.
    func region(_ surroundings: Surroundings) async throws(AWSKeyError) -> String? {
        let machine = AWSMachine(surroundings: surroundings, region: "us-east-1")
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            if let region = machine.variable(name) { return region }
        }
        let name = try await resolve(profile, surroundings) ?? machine.profileName
        // Files that cannot be read are told of where keys are wanted of them, and keep nobody else from asking.
        return (try? await machine.profiles())?.region(of: name)
    }

    private func resolve(_ text: String, _ surroundings: Surroundings) async throws(AWSKeyError) -> String {
        do throws(SecretError) {
            return try await surroundings.secrets.resolve(text)
        } catch {
            throw .reference(error)
        }
    }

    private func resolve(_ text: String?, _ surroundings: Surroundings) async throws(AWSKeyError) -> String? {
        guard let text else { return nil }
        return try await resolve(text, surroundings) as String
    }
}
