import FreshetCore
package import FreshetKit
package import Logging
import ServiceLifecycle
import Synchronization

/// Posts traces to a collector, one request after the other.
///
/// Nothing waits for it: what cannot be sent gives way (``TraceQueue``), and is counted. A trace is sent again only when
/// the collector or the network says that it may be; a collector that got it twice knows it by its ids.
package struct TraceSender: Service {
    private static let tries = 8
    private static let longestWait = Duration.seconds(60)
    /// For all that waits when the daemon stops.
    private static let farewell = Duration.seconds(3)

    private let settings: TraceSettings
    private let queue: TraceQueue
    private let version: String
    private let surroundings: Surroundings
    private let meters: Meters
    private let log: Logger
    private let state = State()

    private final class State: Sendable {
        /// When everything has to be sent; `nil` while the daemon goes on.
        let end = Mutex<Timestamp?>(nil)
        /// So that a collector that is away is told of once.
        let isFailing = Mutex(false)
    }

    /// What came of one request.
    private enum Outcome {
        case taken
        /// May be sent again, at the moment that the collector named.
        case later(Timestamp?, String)
        case refused(String)
    }

    /// - Parameters:
    ///   - settings: where to.
    ///   - queue: what waits.
    ///   - version: of the program.
    ///   - surroundings: the way out, time and chance; its redactor learns the headers' values.
    ///   - meters: are told what was sent.
    ///   - log: is told when the collector does not take traces, and when it does again.
    package init(
        _ settings: TraceSettings,
        queue: TraceQueue,
        version: String,
        surroundings: Surroundings,
        meters: Meters,
        log: Logger
    ) {
        self.settings = settings
        self.queue = queue
        self.version = version
        self.surroundings = surroundings
        self.meters = meters
        self.log = log
        for secret in settings.secrets { surroundings.redactor.learn(secret) }
    }

    /// Returns when the service group stops and what waits has been sent, or three seconds have passed.
    package func run() async throws {
        await withGracefulShutdownHandler {
            for await spans in queue.batches { await deliver(spans) }
        } onGracefulShutdown: {
            state.end.withLock { $0 = surroundings.clock.now + Self.farewell }
            queue.finish()
        }
    }

    /// Sends one request, as often as it takes; gives up in the end.
    package func deliver(_ spans: [Span]) async {
        let document = OTLPDocument(
            spans,
            resource: settings.resource,
            version: version,
            redact: surroundings.redactor.redact
        )
        let body = Array(document.document.serialized().utf8)
        var attempt = 1
        while let left = timeLeft, !Task.isCancelled {
            switch await post(body, within: min(left, settings.timeout)) {
            case .taken:
                meters.count(.tracesSent, "sent")
                if state.isFailing.exchange(false) { log.info("traces go to \(settings.shownAddress) again") }
                return
            case .refused(let reason):
                complain(reason)
                return meters.count(.tracesSent, "refused")
            case .later(let moment, let reason):
                complain(reason)
                guard attempt < Self.tries, await rest(until: moment, after: attempt) else {
                    return meters.count(.tracesSent, "dropped")
                }
                attempt += 1
            }
        }
        meters.count(.tracesSent, "dropped")
    }

    /// `nil` when there is none.
    private var timeLeft: Duration? {
        guard let end = state.end.withLock({ $0 }) else { return settings.timeout }
        let left = end - surroundings.clock.now
        return left > .zero ? left : nil
    }

    private func post(_ body: [UInt8], within timeout: Duration) async -> Outcome {
        var request = HTTPRequest("POST", settings.url, body: body, timeout: timeout, maxBodySize: 1 << 20)
        request.headers["Content-Type"] = "application/json"
        for (name, value) in settings.headers { request.headers[name] = value }
        request.caFile = settings.caFile
        do throws(HTTPError) {
            let response = try await surroundings.transport.send(request)
            switch response.status {
            case 200..<300:
                warn(of: response)
                return .taken
            // What the specification of OTLP calls retryable.
            case 429, 502, 503, 504: return .later(moment(in: response), "it answers \(response.status)")
            default: return .refused("it answers \(response.status)")
            }
        } catch {
            return error.reason == .badURL ? .refused(error.message) : .later(nil, error.message)
        }
    }

    /// A collector may take the request and not all spans in it.
    private func warn(of response: HTTPResponse) {
        guard !response.body.isEmpty, let answer = try? JSONValue(parsing: response.body),  // Its words are not needed.
            let part = answer["partialSuccess"], let message = part["errorMessage"]?.text, !message.isEmpty
        else { return }
        log.warning("\(settings.shownAddress) did not take all spans: \(surroundings.redactor.redact(message))")
    }

    /// In seconds or as a date (RFC 9110, section 10.2.3); a date is as good as no moment.
    private func moment(in response: HTTPResponse) -> Timestamp? {
        guard let seconds = response.headers["Retry-After"].flatMap({ Int64($0) }), seconds >= 0 else { return nil }
        return surroundings.clock.now + .seconds(min(seconds, 3600))
    }

    /// - Returns: whether to try again: not when the daemon stops.
    private func rest(until moment: Timestamp?, after attempt: Int) async -> Bool {
        guard state.end.withLock({ $0 }) == nil else { return false }
        let wait = min(.seconds(1 << min(attempt - 1, 10)), Self.longestWait) * (0.5 + surroundings.chance() / 2)
        let clock = surroundings.clock
        let end = moment ?? clock.now + wait
        let isRested = await cancelWhenGracefulShutdown {
            do { try await clock.sleep(until: end) } catch { return false }
            return true
        }
        return isRested
    }

    private func complain(_ reason: String) {
        guard !state.isFailing.exchange(true) else { return }
        let text = surroundings.redactor.redact(reason)
        log.warning("traces cannot be sent to \(settings.shownAddress): \(text); runs go on, and this is said once")
    }
}

extension Mutex<Bool> {
    /// Sets the value, and gives the one that it was.
    fileprivate borrowing func exchange(_ value: Bool) -> Bool {
        withLock { current in
            defer { current = value }
            return current
        }
    }
}
