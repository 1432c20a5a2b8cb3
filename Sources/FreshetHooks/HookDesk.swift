import FreshetCore
package import FreshetKit
import Synchronization

/// Takes what is sent to the hooks of a project, as far as it comes from whom it should.
package final class HookDesk: Sendable {
    private let hooks: [String: HookDefinition]
    private let secrets: any Secrets
    private let redactor: Redactor
    private let clock: any EngineClock
    private let transport: any HTTPTransport
    private let certificates: CertificateShelf
    private let paces = Mutex<[String: HookPace]>([:])

    package init(_ hooks: [HookDefinition], _ surroundings: Surroundings) {
        self.hooks = Dictionary(hooks.map { ($0.name, $0) }) { first, _ in first }
        secrets = surroundings.secrets
        redactor = surroundings.redactor
        clock = surroundings.clock
        transport = surroundings.transport
        certificates = CertificateShelf(surroundings.transport)
    }

    /// The hook of that name; `nil` where there is none.
    package subscript(name: String) -> HookDefinition? { hooks[name] }

    /// What a request says, once it is known who sent it.
    ///
    /// Only what is signed counts towards the hook's rate, so that nobody else can use it up.
    ///
    /// - Returns: one delivery, or those of a batch.
    /// - Throws: ``HookRefusal``.
    package func take(_ request: HookRequest, for hook: HookDefinition) async throws(HookRefusal) -> [HookDelivery] {
        let now = clock.now
        let deliveries: [HookDelivery]
        switch hook.kind {
        case .cloudevents: deliveries = try CloudEventsHook.verify(request, try await secrets(of: hook), at: now)
        case .dbt: deliveries = [try DBTHook.verify(request, try await secrets(of: hook), at: now)]
        case .github: deliveries = [try GitHubHook.verify(request, try await secrets(of: hook))]
        case .plain: deliveries = [try PlainHook.verify(request, try await secrets(of: hook), at: now)]
        // Has its pace inside, before it asks SNS for anything.
        case .sns: return [try await message(request, hook, now)]
        }
        try pace(hook, now)
        return deliveries
    }

    /// What is wrong with the secrets of the hooks now, one sentence each; a hook whose secret cannot be read takes nothing.
    package func complaints() async -> [String] {
        var found: [String] = []
        for hook in hooks.values.sorted(by: { $0.name < $1.name }) where hook.kind != .sns {
            do throws(HookRefusal) { _ = try await secrets(of: hook) } catch {
                if case .unavailable(let reason) = error { found.append(reason) }
            }
        }
        return found
    }

    private func message(
        _ request: HookRequest,
        _ hook: HookDefinition,
        _ now: Timestamp
    ) async throws(HookRefusal) -> HookDelivery {
        let message = try SNSMessage(parsing: request)
        // Each of these costs nothing, and spares asking AWS for what cannot be right.
        guard hook.topics.contains(message.topic) else { throw .unknownTopic }
        guard SNSMessage.isOfCertificate(message.certificateURL) else { throw .foreignCertificate }
        guard now - message.sent <= HookDelivery.memory else {
            throw .stale(sent: message.sent, tolerance: HookDelivery.memory)
        }
        let certificate = try await certificates.certificate(at: message.certificateURL, now)
        guard message.isSigned(by: certificate) else { throw .badSignature }
        try pace(hook, now)
        if message.kind == .subscription { try await confirm(message) }
        return HookDelivery(id: message.id, type: message.kind.rawValue, isNews: message.kind == .notification)
    }

    /// Tells SNS that the subscription is wanted: its topic is on the list.
    private func confirm(_ message: SNSMessage) async throws(HookRefusal) {
        guard let url = message.confirmationURL, SNSMessage.isOfConfirmation(url) else { throw .foreignCertificate }
        let response = try await CertificateShelf.get(url, transport)
        guard response.status == 200 else {
            throw .unavailable("SNS does not take the confirmation: it answers \(response.status)")
        }
    }

    private func pace(_ hook: HookDefinition, _ now: Timestamp) throws(HookRefusal) {
        let wait = paces.withLock { paces in
            paces[hook.name, default: HookPace(perMinute: hook.perMinute, at: now)].take(at: now)
        }
        if let wait { throw .tooMany(retryAfter: wait) }
    }

    /// The secrets as they are now; while one takes the place of the other, one of them may be gone already.
    private func secrets(of hook: HookDefinition) async throws(HookRefusal) -> [HookSecret] {
        var found: [HookSecret] = []
        var reason = ""
        for text in hook.secrets {
            do throws(SecretError) {
                let secret = HookSecret(try await secrets.resolve(text))
                if secret.bytes.count >= HookSecret.leastBytes {
                    found.append(secret)
                } else {
                    reason = "it has less than \(HookSecret.leastBytes) bytes; take a longer one"
                }
            } catch {
                reason = redactor.redact(error.description)
            }
        }
        guard !found.isEmpty else {
            throw .unavailable("the secret of the hook '\(hook.name)' is of no use: \(reason)")
        }
        return found
    }
}
