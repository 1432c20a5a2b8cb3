extension World {
    mutating func answerToken(_ request: TokenRequest, at now: Instant, wall: Instant) -> Reply {
        switch directory.decide(request, wall: wall) {
        case .failure(let refusal):
            return refusal.reply(at: now, trace: identifiers.guid(), correlation: identifiers.guid())
        case .success(let audience):
            let token = directory.issue(for: audience, at: now, from: &identifiers)
            // Entra answers one second less than the lifetime: 3599 for an hour.
            let lifetime = max(1, Int(directory.tokenLifetime) - 1)
            var body: [String: JSON] = ["access_token": .string(token), "token_type": "Bearer"]
            switch request.version {
            case .v1:
                body["expires_in"] = .string(String(lifetime))
                body["expires_on"] = .string(String((now + directory.tokenLifetime).epoch))
                body["ext_expires_in"] = .string(String(lifetime))
                body["not_before"] = .string(String(now.epoch - 300))
                body["resource"] = .string(audience.rawValue)
            case .v2:
                body["expires_in"] = .int(lifetime)
                body["ext_expires_in"] = .int(lifetime)
            }
            return Reply(200, json: .object(body), headers: [("cache-control", "no-store, no-cache")])
        }
    }
}
