internal import FreshetCore
internal import FreshetEntra
package import FreshetKit

extension PowerBIConnection: Examinable {
    /// From the outside in: no check of a model can succeed while signing in fails.
    package func examine(_ examination: Examination) async -> [Finding] {
        let door = DoorCheck(client: client)
        let (findings, isOpen) = await door.run()
        let models = examination.kinds.compactMap { asset, kind in
            (kind as? SemanticModelRefresh).map { ModelExamination(asset: asset, kind: $0, connection: self) }
        }
        guard isOpen else {
            return findings
                + models.map {
                    Finding("model", .skipped, of: $0.asset.path, "not checked: the service does not let us in")
                }
        }
        var all = findings
        var lists = ServiceLists(reading: ServiceReading(self))
        for var model in models { all += await model.run(examination, &lists) }
        return all
    }
}

/// Signing in, and the tenant's leave to use the interface at all.
struct DoorCheck {
    let client: PowerBIClient

    func run() async -> (findings: [Finding], isOpen: Bool) {
        do {
            _ = try await client.tokens.get()
        } catch {
            let message = client.surroundings.redactor.redact(error.description)
            return ([Finding("token", .fail, message, mend: Self.mend(error))], false)
        }
        let token = Finding("token", .ok, "signed in")
        let reply: RemoteReply<Int> = await client.call("GET", "groups?$top=1") { response in
            WireObject(parsing: response.body)?.objects("value")?.count
        }
        switch reply.result {
        case .answer(let count):
            let leave = Finding("tenant_setting", .ok, "the tenant lets this application use the interface")
            guard count == 0 else { return ([token, leave], true) }
            let none = Finding(
                "workspaces",
                .fail,
                "the application may see no workspace",
                mend: "give it the role Contributor in each workspace that Freshet refreshes"
            )
            return ([token, leave, none], true)
        case .refusal(let refusal):
            return ([token, Self.gate(refusal)], false)
        case .silence(let silence):
            let mend = silence.isThrottled ? "wait; other programs may use the same application" : "check api_url"
            return ([token, Finding("tenant_setting", .fail, silence.message, mend: mend)], false)
        }
    }

    /// What to do where the error itself does not say it; who cannot reach the service need not doubt the secret.
    private static func mend(_ error: EntraError) -> String? {
        switch error {
        case .secret: "mend that secret; 'freshet secrets check' reads all of them"
        case .unreachable:
            "check authority_url, the way there (proxy, firewall), and ca_file where the authority is one of your own"
        case .refused where error.isTransient: "wait; the sign-in service is busy"
        case .refused: "check the connection's tenant_id, client_id and secret, in this order"
        case .certificate, .noIdentity, .unreadable, .givenTokenExpired, .cancelled: nil
        }
    }

    private static func gate(_ refusal: Refusal) -> Finding {
        // The message of a closed gate says what to do.
        let isGate = refusal.message.contains(ServiceError.gateMend)
        let mend = "check scope and api_url: they have to belong to the same cloud as the tenant"
        return Finding("tenant_setting", .fail, refusal.message, mend: isGate ? nil : mend)
    }
}
