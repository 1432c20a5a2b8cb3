import FreshetCore
import FreshetEntra
import FreshetKit
import Testing

@testable import FreshetPowerBI

@Suite struct ModelDirectoryTests {
    private static let groups =
        #"{"value":[{"id":"g1","name":"Retail"},{"Id":"g2","Name":"Finance"},{"id":"g3","name":"finance"}]}"#
    private static let datasets =
        #"{"value":[{"id":"d1","name":"Sales"},{"id":"d2","name":"Twice"},{"id":"d3","name":"Twice"}]}"#

    @Test func `finds ids for names once, whatever their case`() async throws {
        let bench = Bench(
            """
            GET groups?$top=1000&$skip=0 => 200 \(Self.groups)
            GET groups/g1/datasets => 200 \(Self.datasets)
            """
        )
        let directory = try bench.connection().directory
        let address = try await directory.find(workspace: "retail", model: "SALES")
        #expect(address == ModelAddress(workspaceID: "g1", modelID: "d1"))
        #expect(try await directory.find(workspace: "retail", model: "SALES") == address)
        #expect(bench.transport.mistakes == [])
    }

    @Test func `reads a list once for all who ask at the same time`() async throws {
        let names = (0..<50).map { #"{"id":"d\#($0)","name":"M\#($0)"}"# }.joined(separator: ",")
        let line = #"GET datasets => 200 {"value":[\#(names)]}"#
        let bench = Bench(Array(repeating: line, count: 50).joined(separator: "\n"))
        // Everybody has asked before the token comes, and with it the list.
        let gate = StopSignal()
        let tokens = TokenCache(
            now: { LeapingClock.start },
            obtain: {
                while gate.reason == nil { await Task.yield() }
                let end = LeapingClock.start + .seconds(3600)
                return .success(Token(text: "t", obtainedAt: LeapingClock.start, expiresAt: end))
            }
        )
        let client = PowerBIClient(
            apiURL: "https://api.test",
            tokens: tokens,
            surroundings: bench.surroundings,
            budget: RequestBudget(perMinute: 6000, burst: 1000, clock: bench.surroundings.clock)
        )
        let directory = ModelDirectory(client)
        let found = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 {
                group.addTask { try await directory.find(workspace: Bench.workspace, model: "M\(number)").modelID }
            }
            for _ in 0..<1000 { await Task.yield() }
            gate.raise(.cancelled)
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(found.count == 50)
        // One, but for who came late on a busy machine.
        #expect(bench.transport.sent.count < 10)
    }

    @Test func `one list names all models that are in it`() async throws {
        let bench = Bench(
            """
            GET groups?$top=1000&$skip=0 => 200 \(Self.groups)
            GET groups/g1/datasets => 200 {"value":[{"id":"d1","name":"Sales"},{"id":"d2","name":"Stock"}]}
            """
        )
        let directory = try bench.connection().directory
        async let sales = directory.find(workspace: "Retail", model: "Sales")
        async let stock = directory.find(workspace: "Retail", model: "Stock")
        #expect(try await [sales.modelID, stock.modelID] == ["d1", "d2"])
        #expect(bench.transport.mistakes == [])
    }

    @Test func `a model that has come since the list was read is found`() async throws {
        let bench = Bench(
            """
            GET groups?$top=1000&$skip=0 => 200 \(Self.groups)
            GET groups/g1/datasets => 200 {"value":[{"id":"d1","name":"Sales"}]}
            GET groups/g1/datasets => 200 {"value":[{"id":"d1","name":"Sales"},{"id":"d2","name":"Stock"}]}
            """
        )
        let directory = try bench.connection().directory
        _ = try await directory.find(workspace: "Retail", model: "Sales")
        #expect(try await directory.find(workspace: "Retail", model: "Stock").modelID == "d2")
        #expect(bench.transport.mistakes == [])
    }

    @Test func `prefers the exact name`() async throws {
        let bench = Bench(
            """
            GET groups?$top=1000&$skip=0 => 200 \(Self.groups)
            GET groups/g3/datasets => 200 \(Self.datasets)
            """
        )
        #expect(try await bench.connection().directory.find(workspace: "finance", model: "Sales").workspaceID == "g3")
    }

    @Test func `lists the ids behind an ambiguous name`() async throws {
        let bench = Bench(
            """
            GET groups?$top=1000&$skip=0 => 200 \(Self.groups)
            GET groups/g1/datasets => 200 \(Self.datasets)
            """
        )
        let failure = try #require(try await bench.refresh(workspace: "Retail", model: "twice").failure)
        #expect(failure.code == .configuration)
        #expect(failure.retry == .never)
        #expect(failure.message == "several models are called 'twice'; write the id of one: d2, d3")
    }

    @Test func `says what it sees when a name is unknown`() async throws {
        let bench = Bench("GET groups?$top=1000&$skip=0 => 200 \(Self.groups)")
        let failure = try #require(try await bench.refresh(workspace: "Retial", model: "Sales").failure)
        #expect(
            failure.message
                == "there is no workspace 'Retial' that this application may see; it sees Finance, Retail, finance"
        )
    }

    @Test func `looks a model up again after the service no longer knew it`() async throws {
        let bench = Bench(
            """
            GET groups?$top=1000&$skip=0 => 200 \(Self.groups)
            GET groups/g1/datasets => 200 \(Self.datasets)
            GET groups/g1/datasets/d1/refreshes?$top=60 => 404 {"error":{"code":"PowerBIEntityNotFound"}}
            """
        )
        let connection = try bench.connection()
        let address = try await connection.directory.find(workspace: "Retail", model: "Sales")
        await connection.directory.drop(address)
        // A new look-up has to ask again, and the script has nothing for it.
        await #expect(throws: LookupError.self) {
            try await connection.directory.find(workspace: "Retail", model: "Sales")
        }
    }

    @Test func `reads back the address in an operation's target`() {
        let address = ModelAddress(workspaceID: "g1", modelID: "d1")
        #expect(ModelAddress(target: address.target) == address)
        #expect(ModelAddress(target: "databricks/1/2") == nil)
    }
}
