import FreshetCore
import FreshetKit
import Testing

@testable import FreshetHooks

@Suite struct `A hook of CloudEvents` {
    /// As Event Grid sends it.
    private let event = """
        {"specversion":"1.0","type":"Microsoft.Storage.BlobCreated","source":"/subscriptions/s/storageAccounts/lake",\
        "id":"9aeb0fdf-c01e-0131-0922-9eb54906e209","time":"2026-01-01T06:29:00Z",\
        "subject":"blobServices/default/containers/dbt/blobs/run_results.json","data":{"api":"PutBlob","contentLength":7}}
        """
    private let structured = "application/cloudevents+json; charset=utf-8"
    private let batched = "application/cloudevents-batch+json"
    private let id = "9aeb0fdf-c01e-0131-0922-9eb54906e209"

    private func shown(_ type: String, _ value: String = "Bearer \(secret)") -> HTTPHeaders {
        ["Content-Type": type, "Authorization": value, "WebHook-Request-Origin": "eventgrid.azure.net"]
    }

    @Test(arguments: ["Bearer \(secret)", "bearer \(secret)", secret])
    func `takes a structured event with a secret in Authorization`(value: String) async throws {
        let deliveries = try await Desk(.cloudevents).take(event, shown(structured, value))
        #expect(deliveries.map(\.id) == [id])
        #expect(deliveries.map(\.type) == ["Microsoft.Storage.BlobCreated"])
        #expect(deliveries.map(\.key) == ["/subscriptions/s/storageAccounts/lake \(id)"])
        #expect(deliveries.map(\.names) == [["blobServices/default/containers/dbt/blobs/run_results.json"]])
    }

    @Test(arguments: ["Bearer", "Bearer ", "Bearer \(nextSecret)", "Basic \(secret)", "\(secret) ", ""])
    func `refuses another secret`(value: String) async throws {
        let refusal = await Desk(.cloudevents).refusal(of: event, shown(structured, value))
        #expect(refusal == .badSignature)
    }

    @Test func `takes a batch, in which each event is known by itself`() async throws {
        let other = event.replacing(id, with: "other")
        let deliveries = try await Desk(.cloudevents).take("[\(event),\(other)]", shown(batched))
        #expect(deliveries.map(\.id) == [id, "other"])
        #expect(try await Desk(.cloudevents).take("[]", shown(batched)).isEmpty)
    }

    @Test func `takes a batch whole or not at all`() async throws {
        let broken = event.replacing("\"1.0\"", with: "\"0.3\"")
        guard case .malformed? = await Desk(.cloudevents).refusal(of: "[\(event),\(broken)]", shown(batched)) else {
            Issue.record("it was taken")
            return
        }
    }

    @Test func `takes a binary event`() async throws {
        let headers = shown("application/json").with("ce-specversion", "1.0").with("ce-id", "A%20234")
            .with("ce-source", "/mycontext").with("ce-type", "com.example.loaded")
            .with("ce-subject", "warehouse/gr%C3%B6%C3%9Fe")
        let deliveries = try await Desk(.cloudevents).take(#"{"assets":["warehouse/orders"]}"#, headers)
        let names = ["warehouse/größe", "warehouse/orders"]
        #expect(
            deliveries == [HookDelivery(id: "A 234", key: "/mycontext A 234", type: "com.example.loaded", names: names)]
        )
        // What is no JSON is the data of somebody else.
        #expect(await Desk(.cloudevents).refusal(of: "\u{1}", headers.with("Content-Type", "image/png")) == nil)
        for name in ["ce-id", "ce-source", "ce-type"] {
            #expect(await Desk(.cloudevents).refusal(of: "", headers.with(name, nil)) == .missingHeader(name))
        }
    }

    @Test func `takes an HMAC of the body, but not where the attributes stand beside it`() async throws {
        let signature = "sha256=" + (try code(event))
        let headers: HTTPHeaders = ["Content-Type": structured, "X-Hub-Signature-256": signature]
        #expect(await Desk(.cloudevents).refusal(of: event, headers) == nil)
        #expect(await Desk(.cloudevents).refusal(of: event + " ", headers) == .badSignature)
        let binary = headers.with("Content-Type", "application/json").with("ce-specversion", "1.0")
        #expect(await Desk(.cloudevents).refusal(of: event, binary) == .unsignedAttributes)
    }

    @Test func `takes the headers of Standard Webhooks`() async throws {
        let headers = try standard(event).with("Content-Type", structured)
        #expect(await Desk(.cloudevents).refusal(of: event, headers) == nil)
        let old = try standard(event, at: now - .seconds(301)).with("Content-Type", structured)
        let stale = HookRefusal.stale(sent: now - .seconds(301), tolerance: .seconds(300))
        #expect(await Desk(.cloudevents).refusal(of: event, old) == stale)
    }

    @Test func `refuses what shows nothing`() async throws {
        let headers = shown(structured).with("Authorization", nil)
        #expect(await Desk(.cloudevents).refusal(of: event, headers) == .missingHeader("Authorization"))
        let two = shown(structured).adding("authorization", "Bearer \(secret)")
        #expect(await Desk(.cloudevents).refusal(of: event, two) == .missingHeader("Authorization"))
    }

    @Test(arguments: ["application/cloudevents+avro", "application/json", "text/plain", ""])
    func `takes no other form`(type: String) async throws {
        #expect(await Desk(.cloudevents).refusal(of: event, shown(type)) == .unsupportedType(type))
    }

    @Test(arguments: [#"{"specversion":"1.0","id":"1","source":"s"}"#, "{}", "[]", "1", #"{"specversion":1.0}"#])
    func `refuses what is no event`(text: String) async throws {
        guard case .malformed? = await Desk(.cloudevents).refusal(of: text, shown(structured)) else {
            Issue.record("it was taken")
            return
        }
    }
}

@Suite struct `The handshake of CloudEvents` {
    private func handshake(_ headers: HTTPHeaders, _ kind: HookDefinition.Kind = .cloudevents) -> HookHandshake? {
        let origins = kind == .cloudevents ? ["eventgrid.azure.net"] : []
        let hook = HookDefinition("h", kind, origins: origins, perMinute: 60, origin: Origin(file: "f"))
        return HookHandshake(hook, headers)
    }

    @Test func `is for sites on the list`() {
        #expect(handshake(["WebHook-Request-Origin": "eventgrid.azure.net"])?.origin == "eventgrid.azure.net")
        #expect(handshake(["WebHook-Request-Origin": "EventGrid.Azure.Net"])?.origin == "EventGrid.Azure.Net")
        #expect(handshake(["WebHook-Request-Origin": "evil.example"]) == nil)
        #expect(handshake(["WebHook-Request-Origin": "eventgrid.azure.net.evil.example"]) == nil)
        #expect(handshake([:]) == nil)
        #expect(handshake(["WebHook-Request-Origin": "eventgrid.azure.net"], .plain) == nil)
        let two: HTTPHeaders = [
            "WebHook-Request-Origin": "eventgrid.azure.net", "webhook-request-origin": "eventgrid.azure.net",
        ]
        #expect(handshake(two) == nil)
    }

    @Test(arguments: [(nil, 60), ("10", 10), ("100", 60), ("*", 60), ("0", 1), ("-5", 1)] as [(String?, Int)])
    func `allows no more than the hook takes`(wanted: String?, allowed: Int) {
        let headers: HTTPHeaders = ["WebHook-Request-Origin": "eventgrid.azure.net"]
        #expect(handshake(headers.with("WebHook-Request-Rate", wanted))?.perMinute == allowed)
    }
}
