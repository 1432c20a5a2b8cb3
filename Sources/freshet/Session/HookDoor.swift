import FreshetCore
import FreshetHooks
import FreshetKit
import FreshetServer
import Logging
import Synchronization

/// Lets the server ask ``FreshetHooks/HookDesk`` about what is pushed.
struct HookDoor: HookReceiver {
    private let desk: HookDesk
    private let log: Logger
    private let clock: any EngineClock
    private let told = Told()

    /// When each hook was complained of last: whoever sends without end must not fill the log.
    private final class Told: Sendable {
        let times = Mutex<[String: Timestamp]>([:])
    }

    /// - Parameters:
    ///   - hooks: the project's.
    ///   - surroundings: give secrets, the time, and the way to SNS.
    ///   - log: is told what keeps deliveries of known senders from being taken.
    init(_ hooks: [HookDefinition], _ surroundings: Surroundings, _ log: Logger) {
        desk = HookDesk(hooks, surroundings)
        self.log = log
        clock = surroundings.clock
    }

    /// Says in the log which hooks cannot take anything as things are.
    func complain() async {
        for sentence in await desk.complaints() { log.warning("\(sentence)") }
    }

    func receive(
        _ source: String,
        _ headers: [(name: String, value: String)],
        _ body: [UInt8]
    ) async throws(Problem) -> [HookEvent]? {
        guard let hook = desk[source] else { return nil }
        do throws(HookRefusal) {
            let deliveries = try await desk.take(HookRequest(headers: HTTPHeaders(headers), body: body), for: hook)
            return deliveries.map { HookEvent($0, of: hook) }
        } catch {
            if case .unavailable(let reason) = error { warn(source, reason) }
            throw Problem(error)
        }
    }

    private func warn(_ source: String, _ reason: String) {
        let now = clock.now
        let isNews = told.times.withLock { times in
            if let last = times[source], now - last < .seconds(60) { return false }
            times[source] = now
            return true
        }
        if isNews { log.warning("hooks/\(source): \(reason)") }
    }

    func handshake(_ source: String, _ headers: [(name: String, value: String)]) -> [String: String]? {
        guard let hook = desk[source], let handshake = HookHandshake(hook, HTTPHeaders(headers)) else { return nil }
        return [
            "WebHook-Allowed-Origin": handshake.origin, "WebHook-Allowed-Rate": String(handshake.perMinute),
        ]
    }
}

extension HookEvent {
    fileprivate init(_ delivery: HookDelivery, of hook: HookDefinition) {
        // Names are the sender's own; only those of assets that the hook is about narrow what is looked at.
        let named = hook.assets.intersection(delivery.names.map { AssetKey($0) })
        self.init(
            id: delivery.id,
            key: delivery.key,
            type: delivery.type,
            assets: delivery.isNews ? (named.isEmpty ? hook.assets : named) : [],
            sensor: delivery.isNews ? hook.sensor : nil
        )
    }
}

extension HTTPHeaders {
    fileprivate init(_ headers: [(name: String, value: String)]) {
        self.init()
        for (name, value) in headers { append(name, value) }
    }
}

extension Problem {
    /// The one place that words refusals of deliveries: their senders read them, and nobody else may learn from them.
    fileprivate init(_ refusal: HookRefusal) {
        switch refusal {
        case .missingHeader(let name):
            self.init(
                .badSignature,
                "The header \(name) has to be there, once; is this the address for another sender?"
            )
        case .badSignature:
            self.init(.badSignature, "The signature does not fit; check that both sides have the same secret.")
        case .unsignedAttributes:
            self.init(
                .badSignature,
                "In binary mode a signature leaves the attributes out; send the secret in Authorization."
            )
        case .stale(let sent, let tolerance):
            self.init(
                .staleDelivery,
                "It was signed at \(sent.iso8601), which is more than \(tolerance.briefly) from now; check the clocks."
            )
        case .malformed(let reason): self.init(.badRequest, reason.prefix(1).uppercased() + reason.dropFirst() + ".")
        case .unsupportedType(let type):
            self.init(.unsupportedMediaType, "This hook does not take bodies of the type '\(type)'; see docs/hooks.md.")
        case .foreignCertificate:
            self.init(.badSignature, "The message points to an address that is not one of SNS.")
        case .expiredCertificate: self.init(.badSignature, "The certificate that signed it does not hold now.")
        case .unknownTopic: self.init(.badSignature, "The topic is not on the hook's list in freshet.yaml.")
        case .tooMany(let wait):
            self.init(
                .rateLimited,
                "More came in a minute than this hook takes.",
                headers: ["Retry-After": String(Int(wait.inSeconds.rounded(.up)))]
            )
        case .unavailable:
            self.init(
                .storeUnavailable,
                "It cannot be told now who sent this; the daemon's log says why.",
                headers: ["Retry-After": "30"]
            )
        }
    }
}
