internal import FreshetCore
internal import FreshetKit

/// What this machine, its user's files and its platform say of keys.
struct AWSMachine: Sendable {
    var surroundings: Surroundings
    /// Where roles are asked for.
    var region: String

    /// A variable that is set and not empty.
    func variable(_ name: String) -> String? {
        surroundings.secrets.variable(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    var profileName: String { variable("AWS_PROFILE") ?? "default" }

    func profiles() async throws(AWSKeyError) -> AWSProfiles { try await AWSProfiles.read(self) }

    /// The keys of the environment; read at each use.
    func variableKey() throws(AWSKeyError) -> AWSKey? {
        guard let id = variable("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secret = variable("AWS_SECRET_ACCESS_KEY") else {
            throw .reference(.notSet(variable: "AWS_SECRET_ACCESS_KEY"))
        }
        let key = AWSKey(accessKeyID: id, secretAccessKey: secret, sessionToken: variable("AWS_SESSION_TOKEN"))
        key.teach(surroundings.redactor)
        return key
    }

    /// The key of the first place that is set up to give one, in the order of the AWS SDKs.
    ///
    /// With a profile that the settings name, no other place is asked.
    func key(profile: String?) async throws(AWSKeyError) -> AWSKey {
        if let profile {
            guard let key = try await profileKey(profile) else {
                throw .refused(by: "the profile '\(profile)'", reason: Self.noProfile, isTransient: false)
            }
            return key
        }
        if let file = variable("AWS_WEB_IDENTITY_TOKEN_FILE"), let arn = variable("AWS_ROLE_ARN") {
            return try await webIdentityKey(file, AWSRole(arn: arn, session: variable("AWS_ROLE_SESSION_NAME")))
        }
        if let key = try await profileKey(profileName) { return key }
        if let stated = variable("AWS_PROFILE") {
            throw .refused(by: "the profile '\(stated)' of AWS_PROFILE", reason: Self.noProfile, isTransient: false)
        }
        let metadata = AWSMetadata(machine: self)
        if let key = try await metadata.containerKey() { return key }
        if let key = try await metadata.instanceKey() { return key }
        throw .nowhere
    }

    private static let noProfile = "it is not in ~/.aws/credentials or ~/.aws/config, or says nothing of keys"

    /// - Returns: `nil` when there is no such profile, or it says nothing of keys.
    private func profileKey(_ name: String) async throws(AWSKeyError) -> AWSKey? {
        try await key(of: name, in: try await profiles(), behind: [])
    }

    /// The key of a profile; `behind` are the profiles that led here, so that a circle is seen.
    private func key(
        of name: String,
        in profiles: AWSProfiles,
        behind: [String]
    ) async throws(AWSKeyError) -> AWSKey? {
        guard let profile = profiles[name] else { return nil }
        let place = "the profile '\(name)'"
        func refusal(_ reason: String) -> AWSKeyError { .refused(by: place, reason: reason, isTransient: false) }
        // A profile may be its own source: then its keys are meant.
        let isOwnSource = behind.last == name
        if let arn = profile["role_arn"], !isOwnSource {
            guard !behind.contains(name) else { throw refusal("source_profile leads back to it") }
            let role = AWSRole(
                arn: arn,
                externalID: profile["external_id"],
                session: profile["role_session_name"],
                duration: profile["duration_seconds"]
            )
            if let file = profile["web_identity_token_file"] { return try await webIdentityKey(file, role) }
            guard profile["mfa_serial"] == nil else {
                throw refusal("its role wants a code of mfa_serial, which nobody is here to type")
            }
            let tokens = AWSTokenService(surroundings: surroundings, region: profile["region"] ?? region)
            guard let own = try await source(of: profile, profiles, behind + [name], refusal) else {
                throw refusal("its role_arn needs source_profile or credential_source, and that gives no key")
            }
            return try await tokens.assume(role, with: own)
        }
        if let id = profile["aws_access_key_id"] {
            guard let secret = profile["aws_secret_access_key"] else {
                throw refusal("it has no aws_secret_access_key")
            }
            return AWSKey(accessKeyID: id, secretAccessKey: secret, sessionToken: profile["aws_session_token"])
        }
        if let command = profile["credential_process"] {
            return try await AWSCredentialProcess(command: command, surroundings: surroundings).key(place)
        }
        if profile["sso_session"] != nil || profile["sso_start_url"] != nil {
            throw refusal(
                "it signs in by SSO, which needs a person; state 'credential_process = aws configure "
                    + "export-credentials --profile \(name)' in a profile of its own, or use a role"
            )
        }
        return nil
    }

    private func source(
        of profile: [String: String],
        _ profiles: AWSProfiles,
        _ behind: [String],
        _ refusal: (String) -> AWSKeyError
    ) async throws(AWSKeyError) -> AWSKey? {
        if let source = profile["source_profile"] { return try await key(of: source, in: profiles, behind: behind) }
        let metadata = AWSMetadata(machine: self)
        switch profile["credential_source"] {
        case "Environment": return try variableKey()
        case "EcsContainer": return try await metadata.containerKey()
        case "Ec2InstanceMetadata": return try await metadata.instanceKey()
        case .some(let other): throw refusal("credential_source cannot be '\(other)'")
        case nil: return nil
        }
    }

    private func webIdentityKey(_ file: String, _ role: AWSRole) async throws(AWSKeyError) -> AWSKey {
        let token: String
        do throws(SecretError) {
            // Platforms write it for everyone in the container, and anew before it ends.
            token = try await offPool { () throws(SecretError) in try SecretFile.read(file, isForAll: true).text }
        } catch {
            throw .reference(error)
        }
        let trimmed = String(token.split(whereSeparator: \.isWhitespace).first ?? "")
        surroundings.redactor.learn(trimmed)
        let tokens = AWSTokenService(surroundings: surroundings, region: region)
        return try await tokens.assume(role, withWebIdentity: trimmed)
    }
}
