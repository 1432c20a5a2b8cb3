import FreshetCore
import FreshetKit
import FreshetView

/// `GET /events/stream`: what changes, as it does (WHATWG HTML, server-sent events).
enum EventRoutes {
    static let all = [
        Route("GET", "/api/v1/events/stream", "streamEvents", access: .least(.viewer), handle: stream)
    ]

    /// How often a client hears that the stream is still there, and whether it still may listen is asked again.
    private static let heartbeat = Duration.seconds(15)

    private static func stream(_ call: Call) async throws -> Answer {
        let topics = try Topics(call.query["topics"])
        var after: Int64?
        if call.query["after"] != nil { after = try call.query.integer("after", in: 0...Int64.max, default: 0) }
        if let last = call.header("last-event-id") {
            guard let number = Int64(last), number >= 0 else {
                throw Problem.bad("Last-Event-ID", "has to be a number")
            }
            after = number
        }
        let subscription = try await call.context.sight.events.listen(to: topics, after: after)
        let clock = call.context.clock
        var answer = Answer()
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Accel-Buffering"] = "no"
        let first = Array("retry: 1000\n\n".utf8)
        answer.body = .stream(
            type: "text/event-stream",
            Source(first: first, subscription, clock: clock, isStillAdmitted: call.isStillAdmitted) { listener in
                await withTaskGroup(of: Void.self) { group in
                    // Ends early only by cancellation, which comes when the other has ended.
                    group.addTask { do { try await clock.sleep(for: heartbeat) } catch {} }
                    group.addTask { await listener.wait() }
                    await group.next()
                    group.cancelAll()
                }
            }
        )
        return answer
    }

    /// The bytes of a stream, one piece after the other.
    final class Source: StreamSource {
        private let subscription: Subscription
        private let wait: @Sendable (Listener) async -> Void
        private let first: [UInt8]
        private let clock: any EngineClock
        private let isStillAdmitted: @Sendable () async -> Bool

        init(
            first: [UInt8],
            _ subscription: Subscription,
            clock: any EngineClock,
            isStillAdmitted: @escaping @Sendable () async -> Bool,
            wait: @escaping @Sendable (Listener) async -> Void
        ) {
            self.first = first
            self.subscription = subscription
            self.clock = clock
            self.isStillAdmitted = isStillAdmitted
            self.wait = wait
        }

        func pieces(_ write: ([UInt8]) async throws -> Void) async throws {
            try await write(first)
            var admittedAt = clock.now
            while !Task.isCancelled, !subscription.listener.isOver {
                // Who signed out, or whose token was revoked, hears no more.
                if clock.now - admittedAt >= EventRoutes.heartbeat {
                    guard await isStillAdmitted() else { return }
                    admittedAt = clock.now
                }
                let items = subscription.listener.take()
                if items.isEmpty {
                    await wait(subscription.listener)
                    if !subscription.listener.hasSomething { try await write(Array(": still here\n\n".utf8)) }
                    continue
                }
                try await write(items.flatMap(EventRoutes.bytes))
            }
        }

        func end() { subscription.listener.end() }
    }

    private static func bytes(_ item: Listener.Item) -> [UInt8] {
        switch item {
        case .resync(let position): Array("id: \(position)\nevent: resync\ndata: {}\n\n".utf8)
        case .changes(let records):
            records.flatMap { change -> [UInt8] in
                Array("id: \(change.sequence)\nevent: \(name(of: change))\ndata: ".utf8) + data(change).bytes
                    + Array("\n\n".utf8)
            }
        }
    }

    private static func name(of change: ChangeRecord) -> String {
        change.kind == .observation ? "state" : change.kind.rawValue
    }

    private static func data(_ change: ChangeRecord) -> JSONValue {
        var members: [String: JSONValue] = ["word": .text(change.word)]
        if let run = change.run { members["run"] = .text(run) }
        switch change.kind {
        case .run, .trigger, .operation: members["id"] = .text(change.subject)
        case .step, .subStep, .decision, .observation, .log: members["asset"] = .text(change.subject)
        case .tick: members["sensor"] = .text(change.subject)
        case .pause: members["scope"] = .text(change.subject)
        case .config: break
        }
        switch change.kind {
        case .run, .step, .subStep: members["status"] = .text(change.word)
        case .operation: members["state"] = .text(change.word)
        case .config, .decision, .log, .observation, .pause, .tick, .trigger: break
        }
        return .object(members)
    }
}
