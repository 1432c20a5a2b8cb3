import Foundation
import Testing

@Suite(.enabled(if: Place.hasProgram, "the program is not built"), .serialized)
struct `The command that reads every secret` {
    /// A project whose secrets come from the environment and from a command.
    private static func project(with emulator: Emulator? = nil) throws -> Project {
        var vault = try emulator.map { try Project("vault", with: $0) } ?? Project("vault")
        try vault.replace("${secret:env/POWERBI_CLIENT_SECRET}", with: "${secret:tool/SECRET}", in: "freshet.yaml")
        try vault.replace("${secret:file/warehouse_url}", with: "${secret:env/WAREHOUSE_URL}", in: "freshet.yaml")
        try vault.replace(
            "connections:",
            with: """
                secrets:
                  tool:
                    kind: exec
                    command: [/usr/bin/printenv, "{path}"]
                    environment: {SECRET: "${secret:env/POWERBI_CLIENT_SECRET}"}
                connections:
                """,
            in: "freshet.yaml"
        )
        vault.environment["WAREHOUSE_URL"] = "postgresql://freshet:Wq7pass@127.0.0.1:1/one"
        vault.environment["BUCKET_SECRET_ACCESS_KEY"] = "Wq7bucket"
        if emulator == nil { vault.environment["POWERBI_CLIENT_SECRET"] = "Wq7client" }
        return vault
    }

    @Test func `names each once, with where it is and how it is, and shows none`() async throws {
        let vault = try Self.project()
        let outcome = try await vault.freshet("secrets", "check").expect(0)
        for reference in [
            "env/POWERBI_CLIENT_SECRET", "tool/SECRET", "env/BUCKET_SECRET_ACCESS_KEY", "env/WAREHOUSE_URL",
        ] {
            #expect(outcome.output.components(separatedBy: "${secret:\(reference)}").count == 2, "\(outcome.output)")
        }
        #expect(!(outcome.output + outcome.errors).contains("Wq7"))
        let document = try await vault.ask("secrets", "check")
        #expect(document["ok"].integer == 1)
        #expect(document["secrets"][1]["backend"].text == "tool")
        #expect(document["secrets"][1]["status"].text == "ok")
    }

    @Test func `ends with 1 and the reason when one cannot be read`() async throws {
        var vault = try Self.project()
        vault.environment["BUCKET_SECRET_ACCESS_KEY"] = nil
        let outcome = try await vault.freshet("secrets", "check").expect(1)
        #expect(outcome.errors.contains("BUCKET_SECRET_ACCESS_KEY is not set"), "\(outcome.errors)")
        #expect(outcome.output.contains("failed"))
    }

    @Test func `a refresh signs in by what a command printed`() async throws {
        let emulator = try await Emulator()
        let vault = try Self.project(with: emulator)
        _ = try await vault.freshet("run", "*", "--force")
        #expect(try await emulator.posts().count > 0)
    }

    @Test func `the settings of a backend and of a connection are shown with their places`() async throws {
        let vault = try Self.project()
        let backend = try await vault.freshet("config", "show", "secrets.tool", "--origin").expect(0)
        #expect(backend.output.contains("/usr/bin/printenv"))
        #expect(backend.output.contains("${secret:env/POWERBI_CLIENT_SECRET}"))
        let connection = try await vault.freshet("config", "show", "connections.powerbi").expect(0)
        #expect(connection.output.contains("${secret:tool/SECRET}"))
        #expect(connection.output.contains("authority_url"))
    }

    @Test func `check names a second way to sign in with its line`() async throws {
        let vault = try Self.project()
        try vault.replace(
            "    kind: powerbi",
            with: "    kind: powerbi\n    managed_identity: system",
            in: "freshet.yaml"
        )
        let outcome = try await vault.freshet("check").expect(4)
        #expect(outcome.errors.contains("is a second way to sign in"), "\(outcome.errors)")
        #expect(outcome.errors.contains(/freshet\.yaml:[0-9]+:[0-9]+: error/))
    }
}
