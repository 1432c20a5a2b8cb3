import Foundation
import Testing

@Suite(.enabled(if: Place.hasProgram), .serialized)
struct `Clients of other tools, unmodified` {
    @Test(.enabled(if: Place.dagster != nil, "scripts/setup tests installs dagster-powerbi"))
    func `dagster-powerbi loads a workspace in both ways and refreshes a model`() async throws {
        try await Self.run("client_dagster.py", with: Place.dagster)
    }

    @Test(.enabled(if: Place.airflow != nil, "scripts/setup clients installs Airflow"))
    func `Airflow's trigger polls a refresh to its end`() async throws {
        try await Self.run("client_airflow.py", with: Place.airflow)
    }

    @Test(.enabled(if: Place.airflow != nil, "scripts/setup clients installs azure-identity with Airflow"))
    func `azure-identity signs in in every way, and the key vault's client reads a secret`() async throws {
        try await Self.run("client_azure.py", with: Place.airflow)
    }

    private static func run(_ script: String, with python: String?) async throws {
        let emulator = try await Emulator(duration: 0.3, isSecure: true)
        let command = [try #require(python), "\(Place.root)/Tests/python/\(script)"]
        // Their first start compiles some thousand files.
        let client = try Running(command, in: "/", input: emulator.ready.description + "\n")
        try await client.ended(within: .seconds(180)).expect()
    }
}

@Suite(.enabled(if: Place.hasProgram), .serialized)
struct `The client over TLS` {
    @Test func `a refresh runs when the connection names the emulator's authority`() async throws {
        let emulator = try await Emulator(isSecure: true)
        let project = try await Self.project(with: emulator)
        try project.replace(
            "client_secret: ${secret:env/POWERBI_CLIENT_SECRET}",
            with:
                "client_secret: ${secret:env/POWERBI_CLIENT_SECRET}\n    ca_file: \(emulator.ready["ca_file"].text ?? "")",
            in: "freshet.yaml"
        )
        try await project.freshet("run", "*").expect()
        #expect(try await emulator.posts().map(\.model).sorted() == ["Inventory", "Sales"])
    }

    @Test func `without it no request gets out, and the reason is said`() async throws {
        let emulator = try await Emulator(isSecure: true)
        let outcome = try await Self.project(with: emulator).freshet("run", "*")
        #expect(outcome.status != 0)
        #expect((outcome.output + outcome.errors).contains("certificate"))
        #expect(try await emulator.ask("ledger").list.isEmpty)
    }

    /// The project `shop`, asking over TLS.
    private static func project(with emulator: Emulator) async throws -> Project {
        var project = try Project("shop", with: emulator)
        try await project.warehouse(try String(contentsOfFile: project.folder + "/warehouse.sql", encoding: .utf8))
        project.environment["POWERBI_AUTHORITY_URL"] = emulator.ready["https_url"].text
        project.environment["POWERBI_API_URL"] = emulator.ready["https_url"].text
        return project
    }
}

@Suite(
    .enabled(if: Place.hasVenv && Place.fixtures != nil, "FRESHET_FIXTURES or the tests' Python is not there"),
    .serialized
)
struct `Microsoft's description of the service` {
    @Test func `is kept by what the client asks and by what the emulator answers`() async throws {
        let emulator = try await Emulator(duration: 2)
        let project = try Project("shop", with: emulator)
        try await project.warehouse(try String(contentsOfFile: project.folder + "/warehouse.sql", encoding: .utf8))
        try await project.freshet("run", "*").expect()
        let folder = try #require(Place.fixtures) + "/powerbi"
        let command = [try #require(Place.venv) + "/bin/python", Place.root + "/Tests/python/contract.py", folder]
        let contract = try Running(command, in: "/", input: emulator.ready.description + "\n")
        try await contract.ended(within: .seconds(120)).expect()
    }
}
