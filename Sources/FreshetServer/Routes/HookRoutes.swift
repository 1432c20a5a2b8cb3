import FreshetCore
import FreshetKit
import FreshetView

/// `/hooks/{source}`: a word from outside by somebody who signs it; never more than a reason to look.
enum HookRoutes {
    static let all = [
        Route("POST", "/hooks/{source}", "receiveHook", access: .signature, handle: receive),
        Route("OPTIONS", "/hooks/{source}", "handshakeHook", access: .signature, handle: shakeHands),
    ]

    private static func receive(_ call: Call) async throws -> Answer {
        let source = call.parameters["source"] ?? ""
        guard let events = try await call.context.hooks?.receive(source, call.headers, call.body) else {
            throw unknown
        }
        let actor = Actor("hook:\(source)")
        var isDuplicate = !events.isEmpty
        for event in events {
            guard try await IngestRoutes.remember(["hook", source, event.key], by: actor, call) else { continue }
            isDuplicate = false
            let hints = event.assets.sorted().map { Hint(.asset($0), event: event.type, source: "hooks/\(source)") }
            let sensors = event.sensor.map { [$0] } ?? []
            // Which sensors look is not for the sender to know.
            if !hints.isEmpty || !sensors.isEmpty { _ = await call.context.notices.hint(hints, sensors) }
        }
        return .json(
            ["event": .text(events.last?.id ?? ""), "duplicate": .boolean(isDuplicate)],
            status: 202,
            headers: ["Cache-Control": "no-store"]
        )
    }

    private static func shakeHands(_ call: Call) async throws -> Answer {
        guard let headers = call.context.hooks?.handshake(call.parameters["source"] ?? "", call.headers) else {
            throw unknown
        }
        return Answer(headers: headers.merging(["Allow": "POST", "Cache-Control": "no-store"]) { own, _ in own })
    }

    /// In the words for an address that leads nowhere.
    private static var unknown: Problem { .nothing }
}
