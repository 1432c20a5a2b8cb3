import FreshetCore
import FreshetKit
import FreshetTesting
import Synchronization
import Testing

@testable import FreshetServer

@Suite struct `The address of a hook` {
    @Test func `takes a delivery once, and remembers it before it answers`() async throws {
        let house = try await House()
        let first = await house.ask("POST", "/hooks/known", body: "delivery-1")
        #expect(first.status == 202)
        #expect(first.text == #"{"duplicate":false,"event":"delivery-1"}"#)
        let second = await house.ask("POST", "/hooks/known", body: "delivery-1")
        #expect(second.status == 202)
        #expect(second.text == #"{"duplicate":true,"event":"delivery-1"}"#)
        #expect(house.hints.withLock { $0 } == [["sales/a", "sensor:dbt"]])
    }

    @Test func `knows deliveries of one source from those of another, and for seven days`() async throws {
        let house = try await House()
        for source in ["known", "other"] { _ = await house.ask("POST", "/hooks/\(source)", body: "delivery-1") }
        #expect(house.hints.withLock { $0.count } == 2)
        house.clock.advance(by: Effect.keepsAnswers + .seconds(1))
        // What is too old is forgotten when the next thing is kept.
        for delivery in ["delivery-2", "delivery-1"] { _ = await house.ask("POST", "/hooks/known", body: delivery) }
        #expect(house.hints.withLock { $0.count } == 4)
    }

    @Test func `gives each event of a batch its own answer inside`() async throws {
        let house = try await House()
        _ = await house.ask("POST", "/hooks/known", body: "one")
        let batch = await house.ask("POST", "/hooks/known", body: "one two")
        #expect(batch.text == #"{"duplicate":false,"event":"two"}"#)
        #expect(house.hints.withLock { $0.count } == 2)
    }

    @Test func `looks at nothing for what is no news`() async throws {
        let house = try await House()
        #expect(await house.ask("POST", "/hooks/known", body: "ping").status == 202)
        #expect(house.hints.withLock { $0.isEmpty })
    }

    @Test func `of a source that is not there is no address`() async throws {
        let house = try await House()
        let unknown = await house.ask("POST", "/hooks/unknown", body: "x")
        let nothing = await house.ask("POST", "/nothing", body: "x", as: .viewer)
        #expect(unknown.status == 404)
        #expect(unknown.text?.replacing("/hooks/unknown", with: "") == nothing.text?.replacing("/nothing", with: ""))
        #expect(await house.ask("OPTIONS", "/hooks/unknown").status == 404)
    }

    @Test func `says why it does not take a delivery`() async throws {
        let house = try await House()
        let refused = await house.ask("POST", "/hooks/known", body: "forged")
        #expect(refused.status == 401)
        #expect(refused.text?.contains("urn:freshet:problem:bad_signature") == true)
        #expect(house.hints.withLock { $0.isEmpty })
        #expect(await house.ask("POST", "/hooks/known", body: "delivery-1").status == 202)
    }

    @Test func `takes bodies of a mebibyte`() async throws {
        let house = try await House()
        let most = String(repeating: "x", count: 1 << 20)
        #expect(await house.ask("POST", "/hooks/known", body: most).status == 202)
        #expect(await house.ask("POST", "/hooks/known", body: most + "x").status == 413)
    }

    @Test func `does not say that it took what could not be kept`() async throws {
        let house = try await House()
        // Another daemon has the store.
        _ = try await house.store.claim(owner: "another", at: house.clock.now)
        #expect(await house.ask("POST", "/hooks/known", body: "delivery-1").status == 503)
        #expect(house.hints.withLock { $0.isEmpty })
    }

    @Test func `shakes hands`() async throws {
        let house = try await House()
        let answer = await house.ask("OPTIONS", "/hooks/known")
        #expect(answer.status == 200)
        #expect(answer.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net")
        #expect(answer.headers["Allow"] == "POST")
    }
}

@Suite struct `A known path with another method` {
    @Test func `is 405, and says which methods it takes`() async throws {
        let house = try await House()
        let answer = await house.ask("DELETE", "/hooks/known", as: .viewer)
        #expect(answer.status == 405)
        #expect(answer.headers["Allow"] == "OPTIONS, POST")
        #expect(answer.text?.contains("urn:freshet:problem:method_not_allowed") == true)
        #expect(await house.ask("DELETE", "/api/v1/runs", as: .viewer).headers["Allow"] == "GET, POST")
        #expect(await house.ask("DELETE", "/api/v1/nothing", as: .viewer).status == 404)
    }

    @Test func `says nothing to who is nobody`() async throws {
        let house = try await House()
        #expect(await house.ask("DELETE", "/api/v1/runs").status == 401)
        #expect(await house.ask("DELETE", "/api/v1/nothing").status == 401)
    }
}

@Suite struct `The bounds of a token` {
    private let bounds = Fence(assets: ["sales/a"], sources: ["dbt"])

    @Test(arguments: [
        ("/api/v1/pauses", #"{"asset":"sales/a","paused":true}"#, 200),
        ("/api/v1/pauses", #"{"asset":"stock/c","paused":true}"#, 403), ("/api/v1/pauses", #"{"paused":true}"#, 403),
        ("/api/v1/runs", #"{"selection":"sales/a"}"#, 202), ("/api/v1/runs", #"{"selection":"*"}"#, 403),
        ("/api/v1/runs", #"{"selection":"stock/c"}"#, 403), ("/api/v1/runs", #"{"selection":"sales/a+"}"#, 403),
    ])
    func `hold effects back that reach further`(path: String, body: String, status: Int) async throws {
        let house = try await House()
        let answer = await house.ask("POST", path, body: body, as: .operator, bounds: bounds)
        #expect(answer.status == status, "\(answer.text ?? "")")
        #expect(await house.ask("POST", path, body: body, as: .operator).status != 403)
    }

    @Test func `hold back who would end or repeat a run of other assets`() async throws {
        let house = try await House()
        for (asset, status) in [("sales/a", 202), ("stock/c", 403)] {
            try await house.begin("run-\(asset.dropFirst(6))", of: [AssetKey(asset)])
            let path = "/api/v1/runs/run-\(asset.dropFirst(6))/cancel"
            let answer = await house.ask("POST", path, body: "{}", as: .operator, bounds: bounds)
            #expect(answer.status == status, "\(asset)")
        }
        let retry = await house.ask("POST", "/api/v1/runs/run-c/retry", body: "{}", as: .operator, bounds: bounds)
        #expect(retry.status == 403)
        #expect(house.refusals.withLock { $0 } == ["token:operator cancelRun", "token:operator retryRun"])
    }

    @Test func `tell the gate of what they hold back, and of nothing else`() async throws {
        let house = try await House()
        let event = #"{"id":"1","source":"github"}"#
        _ = await house.ask("POST", "/api/v1/events", body: event, mayIngest: true, bounds: bounds)
        _ = await house.ask("POST", "/api/v1/runs", body: #"{"selection":"no/such"}"#, as: .operator, bounds: bounds)
        _ = await house.ask("POST", "/api/v1/runs", body: #"{"selection":"sales/a"}"#, as: .operator, bounds: bounds)
        #expect(house.refusals.withLock { $0 } == ["token:ingest receiveEvent"])
    }

    @Test func `say a plan that has changed as what it is`() async throws {
        let house = try await House()
        let body = #"{"selection":"sales/a","plan_hash":"of another plan"}"#
        let answer = await house.ask("POST", "/api/v1/runs", body: body, as: .operator)
        #expect(answer.status == 409, "\(answer.text ?? "")")
        #expect(answer.text?.contains("urn:freshet:problem:plan_changed") == true)
    }

    @Test func `ask of a mistyped selection in one sentence`() async throws {
        let house = try await House()
        let body = #"{"selection":"sales/aa"}"#
        let answer = await house.ask("POST", "/api/v1/runs", body: body, as: .operator)
        #expect(answer.text?.contains("unknown asset 'sales/aa' at character 1.\"") == true, "\(answer.text ?? "")")
        #expect(answer.text?.contains(#""nearest":"sales/a""#) == true)
    }

    @Test(arguments: [
        (#"{"id":"1","source":"dbt"}"#, 202), (#"{"id":"1","source":"github"}"#, 403),
        (#"{"id":"1","source":"dbt","assets":["sales/a"]}"#, 202),
        (#"{"id":"1","source":"dbt","assets":["sales/a","stock/c"]}"#, 403),
    ])
    func `let events through of their sources and assets`(body: String, status: Int) async throws {
        let house = try await House()
        let answer = await house.ask("POST", "/api/v1/events", body: body, as: nil, mayIngest: true, bounds: bounds)
        #expect(answer.status == status, "\(answer.text ?? "")")
    }

    @Test func `let nobody post events who may not`() async throws {
        let house = try await House()
        let body = #"{"id":"1","source":"dbt"}"#
        #expect(await house.ask("POST", "/api/v1/events", body: body, as: .viewer).status == 403)
        #expect(await house.ask("POST", "/api/v1/events", body: body).status == 401)
    }
}
