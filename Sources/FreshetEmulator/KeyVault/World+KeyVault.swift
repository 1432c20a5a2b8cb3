/// A secret of the key vault, in one version or the newest.
struct KeyVaultRoute: Hashable, Sendable {
    var name: String
    var version: String?
}

extension World {
    /// Answers Get Secret.
    ///
    /// - SeeAlso: https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret
    func answerKeyVault(_ route: KeyVaultRoute, _ call: Call, at now: Instant) -> Reply {
        do throws(KeyVaultRefusal) {
            try checkBearer(call, at: now)
            guard let asked = call.queryValue("api-version") else {
                throw KeyVaultRefusal(400, "BadParameter", "api-version must be specified")
            }
            // 7.0 to 7.6, and dates before and after: new ones come every year, with the same answer.
            guard asked.hasPrefix("7.") || asked.hasPrefix("20") else {
                throw KeyVaultRefusal(400, "BadParameter", "The specified api-version '\(asked)' is not supported")
            }
            guard let version = vault.version(route.version, of: route.name) else {
                let message = "A secret with (name/id) \(route.name) was not found in this key vault."
                throw KeyVaultRefusal(404, "SecretNotFound", message)
            }
            guard version.isEnabled else {
                let message = "Operation get is not allowed on a disabled secret."
                throw KeyVaultRefusal(403, "Forbidden", message, inner: "SecretDisabled")
            }
            return Reply(200, json: version.json(id: "\(call.origin)/secrets/\(route.name)/\(version.id)"))
        } catch {
            return error.reply(to: call, tenant: directory.tenantID)
        }
    }

    private func checkBearer(_ call: Call, at now: Instant) throws(KeyVaultRefusal) {
        if directory.admission(of: call, at: now, to: [.keyVault]) == .admitted { return }
        switch directory.token(of: call) {
        case nil:
            let message = "AKV10000: Request is missing a Bearer or PoP token."
            throw KeyVaultRefusal(401, "Unauthorized", message)
        case .some(let token) where token.audience != .keyVault:
            let message =
                "AKV10022: Invalid audience. Expected \(Directory.Audience.keyVault.rawValue), found: "
                + "\(token.audience.rawValue)."
            throw KeyVaultRefusal(401, "Unauthorized", message)
        case .some:
            throw KeyVaultRefusal(401, "Unauthorized", "[TokenExpired] Error validating token: IDX10223")
        }
    }

    /// Adds a version of a secret.
    mutating func answerSecret(_ name: String, _ call: Call, _ moment: Moment) throws(ControlBody.Flaw) -> Reply {
        var body = try ControlBody(call.body)
        let value = try body.string("value")
        let contentType = try body.string("content_type")
        let isEnabled = try body.bool("enabled") ?? true
        try body.finish()
        guard let value else { throw ControlBody.Flaw(message: "value is missing") }
        let version = KeyVault.Version(
            id: KeyVault.newID(&identifiers),
            value: value,
            contentType: contentType,
            isEnabled: isEnabled,
            created: clock.now(uptime: moment.uptime)
        )
        vault.add(version, to: name)
        return Reply(201, json: ["name": .string(name), "version": .string(version.id)])
    }
}

extension KeyVault.Version {
    fileprivate func json(id: String) -> JSON {
        let created = JSON.int(created.epoch)
        var body: [String: JSON] = [
            "attributes": [
                "created": created, "enabled": .bool(isEnabled), "recoverableDays": 90,
                "recoveryLevel": "Recoverable+Purgeable", "updated": created,
            ],
            "id": .string(id), "tags": [:], "value": .string(value),
        ]
        body["contentType"] = contentType.map { .string($0) }
        return .object(body)
    }
}

/// Why the vault gives no secret.
private struct KeyVaultRefusal: Error {
    var status: Int
    var code: String
    var message: String
    var inner: String?

    init(_ status: Int, _ code: String, _ message: String, inner: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.inner = inner
    }

    func reply(to call: Call, tenant: String) -> Reply {
        var error: [String: JSON] = ["code": .string(code), "message": .string(message)]
        error["innererror"] = inner.map { ["code": .string($0)] }
        var headers: [(name: String, value: String)] = []
        if status == 401 {
            let challenge =
                "Bearer authorization=\"\(call.origin)/\(tenant)\", resource=\"\(Directory.Audience.keyVault.rawValue)\""
            headers.append(("WWW-Authenticate", challenge))
        }
        return Reply(status, json: ["error": .object(error)], headers: headers)
    }
}
