internal import FreshetCore
internal import FreshetKit

/// Finds the one way to sign in that settings state.
struct EntraSettings {
    private enum Way: String, CaseIterable {
        case clientSecret = "client_secret"
        case certificate
        case federatedTokenFile = "federated_token_file"
        case managedIdentity = "managed_identity"
        case accessToken = "access_token"
    }

    /// The variables by which a cluster's workload identity says who the process is.
    private enum Variable {
        static let authority = "AZURE_AUTHORITY_HOST"
        static let client = "AZURE_CLIENT_ID"
        static let tenant = "AZURE_TENANT_ID"
        static let tokenFile = "AZURE_FEDERATED_TOKEN_FILE"
    }

    private let settings: Settings
    private let cloud: EntraCloud
    private let surroundings: Surroundings

    init(_ settings: Settings, _ cloud: EntraCloud, _ surroundings: Surroundings) {
        self.settings = settings
        self.cloud = cloud
        self.surroundings = surroundings
    }

    func credential() throws(Diagnostic) -> any EntraCredential {
        let way = try self.way()
        try checkCompanions(of: way)
        switch way {
        case .clientSecret: return try application(.secret(try settings.requiredText(way.rawValue)), way)
        case .certificate:
            let text = try settings.requiredText(way.rawValue)
            guard !text.contains("-----BEGIN") else {
                throw Diagnostic(
                    "'certificate' holds a private key in plain text",
                    at: settings.origin(of: way.rawValue),
                    hint: "write the path of its file, or ${secret:<backend>/<path>}"
                )
            }
            return try application(.certificate(text, password: try settings.text("certificate_password")), way)
        case .federatedTokenFile:
            return try application(.federatedTokenFile(try text(way.rawValue, or: Variable.tokenFile, way)), way)
        case .managedIdentity:
            return ManagedIdentity(
                identity: try identity(),
                endpoint: try settings.text("identity_endpoint"),
                surroundings: surroundings
            )
        case .accessToken:
            return GivenToken(text: try settings.requiredText(way.rawValue), surroundings: surroundings)
        }
    }

    private func way() throws(Diagnostic) -> Way {
        let stated = settings.value.entries.compactMap { Way(rawValue: $0.key) }
        if let first = stated.first, stated.count > 1 {
            throw Diagnostic(
                "'\(stated[1].rawValue)' is a second way to sign in, beside '\(first.rawValue)'",
                at: settings.origin(of: stated[1].rawValue),
                hint: "keep one of the two"
            )
        }
        if let way = stated.first { return way }
        if surroundings.secrets.variable(Variable.tokenFile) != nil { return .federatedTokenFile }
        throw Diagnostic(
            "how to sign in is not stated",
            at: settings.origin,
            hint: "add one of " + Way.allCases.map(\.rawValue).joined(separator: ", ")
        )
    }

    /// What stands beside a way and belongs to another one.
    private func checkCompanions(of way: Way) throws(Diagnostic) {
        let companions: [(name: String, way: Way)] = [
            ("certificate_password", .certificate), ("identity_endpoint", .managedIdentity),
        ]
        for companion in companions where settings.has(companion.name) && way != companion.way {
            throw Diagnostic(
                "'\(companion.name)' belongs to '\(companion.way.rawValue)', and the way to sign in is '\(way.rawValue)'",
                at: settings.origin(of: companion.name),
                hint: "remove it"
            )
        }
        if way == .managedIdentity, settings.has("client_id") {
            throw Diagnostic(
                "'client_id' is that of an application, and the way to sign in is 'managed_identity'",
                at: settings.origin(of: "client_id"),
                hint: "write 'managed_identity: {client_id: ...}' for a user-assigned identity"
            )
        }
    }

    private func application(_ proof: ClientProof, _ way: Way) throws(Diagnostic) -> ClientCredentials {
        let isFederated = way == .federatedTokenFile
        let tenant = try text("tenant_id", or: isFederated ? Variable.tenant : nil, way)
        guard !["common", "consumers", "organizations"].contains(tenant.lowercased()) else {
            throw Diagnostic(
                "'tenant_id' has to be the tenant's own id or domain, not '\(tenant)'",
                at: settings.origin(of: "tenant_id"),
                hint: "an application signs in to one tenant"
            )
        }
        var authority = try settings.text("authority_url")
        if authority == nil, isFederated, !settings.has("cloud"),
            surroundings.secrets.variable(Variable.authority) != nil
        {
            authority = "${env:\(Variable.authority)}"
        }
        return ClientCredentials(
            tenantID: tenant,
            clientID: try text("client_id", or: isFederated ? Variable.client : nil, way),
            proof: proof,
            authorityURL: authority ?? cloud.authorityURL,
            surroundings: surroundings
        )
    }

    private func text(_ name: String, or variable: String?, _ way: Way) throws(Diagnostic) -> String {
        if let text = try settings.text(name) { return text }
        if let variable, surroundings.secrets.variable(variable) != nil { return "${env:\(variable)}" }
        throw Diagnostic(
            "'\(name)' is required to sign in by '\(way.rawValue)'",
            at: settings.origin,
            hint: variable.map { "add '\(name):', or set \($0)" } ?? "add '\(name):'"
        )
    }

    private func identity() throws(Diagnostic) -> ManagedIdentity.Identity {
        let name = Way.managedIdentity.rawValue
        if case .text? = settings.value[name]?.content { return .system }
        let object = settings.object(name)
        let stated = object.value.entries
        guard stated.count == 1, let id = stated.first?.key, let text = try object.text(id) else {
            throw Diagnostic(
                "'managed_identity' has to name one identity",
                at: stated.count > 1 ? stated[1].keyOrigin : settings.origin(of: name),
                hint: "state one of client_id, object_id and resource_id, or write 'managed_identity: system'"
            )
        }
        switch id {
        case "client_id": return .clientID(text)
        case "object_id": return .objectID(text)
        default: return .resourceID(text)
        }
    }
}
