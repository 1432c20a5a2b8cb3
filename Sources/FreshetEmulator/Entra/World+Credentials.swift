extension World {
    /// Changes what may stand in for the app's secret; what a member names replaces all there was of it.
    mutating func setCredentials(_ call: Call) throws(ControlBody.Flaw) -> Reply {
        var body = try ControlBody(call.body)
        if let list = body.take("certificates") {
            directory.certificates = try World.certificates(list)
        }
        if let list = body.take("federated") {
            directory.federatedCredentials = try World.federatedCredentials(list)
        }
        try body.finish()
        return Reply(
            200,
            json: [
                "certificates": .int(directory.certificates.count),
                "federated": .int(directory.federatedCredentials.count),
            ]
        )
    }

    private static func certificates(_ list: JSON) throws(ControlBody.Flaw) -> [String] {
        let texts = list.elements?.compactMap(\.string) ?? []
        guard let elements = list.elements, texts.count == elements.count,
            texts.allSatisfy({ Certificate(pem: Array($0.utf8)) != nil })
        else { throw ControlBody.Flaw(message: "certificates must be a list of certificates in PEM") }
        return texts
    }

    private static func federatedCredentials(
        _ list: JSON
    ) throws(ControlBody.Flaw) -> [EmulatorSeed.FederatedCredential] {
        var credentials: [EmulatorSeed.FederatedCredential] = []
        for entry in list.elements ?? [] {
            guard let issuer = entry["issuer"]?.string, let subject = entry["subject"]?.string else {
                throw ControlBody.Flaw(message: "a federated credential has to have issuer and subject")
            }
            var credential = EmulatorSeed.FederatedCredential(issuer: issuer, subject: subject)
            credential.audience = entry["audience"]?.string ?? credential.audience
            credentials.append(credential)
        }
        guard credentials.count == list.elements?.count else {
            throw ControlBody.Flaw(message: "federated must be a list of objects")
        }
        return credentials
    }
}
