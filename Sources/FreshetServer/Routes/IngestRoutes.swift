import FreshetCore
import FreshetKit
import FreshetView

/// `POST /events`: a word from outside that there may be news; never more than a reason to look.
enum IngestRoutes {
    static let all = [Route("POST", "/api/v1/events", "receiveEvent", access: .ingest, handle: receive)]

    private static func receive(_ call: Call) async throws -> Answer {
        var looks: Set<String> = []
        var isDuplicate = true
        var last = ""
        let events = try events(call)
        for event in events { try require(event, call) }
        for event in events {
            last = event.id
            guard try await remember(["event", event.source, event.id], by: call.actor, call) else { continue }
            isDuplicate = false
            let hints = event.assets.map { Hint(.asset($0), event: event.type, source: event.source) }
            looks.formUnion(await call.context.notices.hint(hints, event.sensor.map { [$0] } ?? []))
        }
        let names = looks.sorted().map { JSONValue.text($0) }
        return .json(["event": .text(last), "duplicate": .boolean(isDuplicate), "looks": .list(names)], status: 202)
    }

    /// Lets an event through that is within the bounds of who posts it; a batch is taken whole or not at all.
    private static func require(_ event: Event, _ call: Call) throws(Problem) {
        guard call.admission.bounds.mayPostEvents(of: event.source) else {
            throw Problem(
                .forbidden,
                "Your token is not bound to the source '\(event.source)'; name one of its sources, or use another token."
            )
        }
        try call.requireReach(event.assets + (event.sensor.map { call.assets(ofSensor: $0) } ?? []))
    }

    /// Keeps what a delivery is known by for seven days; whatever it says is for the looks to see.
    ///
    /// - Returns: whether it was not there before.
    static func remember(_ delivery: [String], by actor: Actor, _ call: Call) async throws -> Bool {
        var hash = Fingerprint()
        for part in delivery { hash.add(part) }
        // No caller's Idempotency-Key has a space, so none of them is taken for a delivery.
        let key = "delivery \(hash.hexadecimal)"
        let effect = Effect(
            .none,
            at: call.now,
            audit: nil,
            key: key,
            answer: StoredAnswer(status: 202, body: .null)
        )
        let outcome = try await asking { () throws(StoreError) in
            try await call.store.perform(effect, by: call.context.writer(actor))
        }
        return outcome == .done
    }

    private struct Event {
        var id: String
        var source: String
        var type: String
        var assets: [AssetKey]
        var sensor: String?
    }

    /// One event, or those of a batch of CloudEvents.
    private static func events(_ call: Call) throws(Problem) -> [Event] {
        let type = call.header("content-type").map { String($0.prefix { $0 != ";" }).lowercased() } ?? ""
        let value: JSONValue
        do { value = try JSONValue(parsing: call.body) } catch { throw Problem(.badRequest, "The body is not JSON.") }
        switch type {
        case "application/json", "application/cloudevents+json":
            return [try event(value, call.project)]
        case "application/cloudevents-batch+json":
            guard let list = value.list, !list.isEmpty, list.count <= 1000 else {
                throw Problem(.badRequest, "The body has to be a list of 1 to 1000 events.")
            }
            var events: [Event] = []
            for value in list { events.append(try event(value, call.project)) }
            return events
        default:
            throw Problem(.unsupportedMediaType, "The body has to be JSON or a CloudEvent; the header says '\(type)'.")
        }
    }

    private static func event(_ value: JSONValue, _ project: Project) throws(Problem) -> Event {
        guard let object = value.object else { throw Problem(.badRequest, "An event has to be a JSON object.") }
        let members = Members(object)
        let isCloudEvent = value["specversion"] != nil
        if isCloudEvent, value["specversion"]?.text != "1.0" {
            throw .bad("/specversion", "has to be 1.0")
        }
        let id = try members.text("id", atMost: 256)
        let source = try members.text("source", atMost: 512)
        guard !id.isEmpty else { throw .bad("/id", "is empty") }
        var names = try members.texts("assets") ?? []
        if isCloudEvent {
            // A subject is the sender's own; only one that is an asset's key says anything here.
            if let subject = try members.optionalText("subject"), project.graph[AssetKey(subject)] != nil {
                names.append(subject)
            }
            names += value["data"]?["assets"]?.list?.compactMap(\.text) ?? []
        }
        for name in names where project.graph[AssetKey(name)] == nil {
            throw .unknownAsset(AssetKey(name), in: project.graph)
        }
        return Event(
            id: id,
            source: source,
            type: try members.optionalText("type", atMost: 256) ?? "",
            assets: names.map { AssetKey($0) },
            sensor: try members.optionalText("sensor").map { name throws(Problem) in
                try SensorRoutes.sensor(name, in: project).name
            }
        )
    }
}
