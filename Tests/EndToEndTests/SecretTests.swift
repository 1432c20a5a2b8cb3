import Foundation
import Testing

@Suite(.enabled(if: Place.hasProgram, "the program is not built"), .serialized)
struct `Secrets stay where they are` {
    @Test func `wrong ones appear in no file, no output and no log`() async throws {
        let emulator = try await Emulator()
        var vault = try Project("vault", with: emulator)
        vault.environment["POWERBI_CLIENT_SECRET"] = "Wq7client~Xy3/+="
        vault.environment["BUCKET_ACCESS_KEY_ID"] = emulator.ready["s3"]["access_key_id"].text
        vault.environment["BUCKET_SECRET_ACCESS_KEY"] = "Wq7bucket/Xy3+="
        try await Self.expectNoLeak(vault, password: "Wq7pass%2FXy3", of: ["Wq7client", "Wq7bucket", "Wq7pass"])
    }

    @Test func `right ones appear in no file, no output and no log`() async throws {
        let emulator = try await Emulator()
        var vault = try Project("vault", with: emulator)
        let client = try #require(emulator.ready["client_secret"].text)
        let bucket = try #require(emulator.ready["s3"]["secret_access_key"].text)
        vault.environment["BUCKET_ACCESS_KEY_ID"] = emulator.ready["s3"]["access_key_id"].text
        vault.environment["BUCKET_SECRET_ACCESS_KEY"] = bucket
        try await Self.expectNoLeak(vault, password: "Wq7pass%2FXy3", of: [client, bucket, "Wq7pass"])
        #expect(try await emulator.posts().count > 0)
    }

    @Test func `one that is written down plainly in a file is refused and not repeated`() async throws {
        let vault = try Project("vault")
        try vault.replace("${secret:env/POWERBI_CLIENT_SECRET}", with: "Wq7client~Xy3", in: "freshet.yaml")
        let outcome = try await vault.freshet("check").expect(4)
        #expect(!(outcome.output + outcome.errors).contains("Wq7client"), "\(outcome.errors)")
    }

    /// Does everything that talks to a system, in its own process and in the daemon's; nothing listens at the database.
    private static func expectNoLeak(_ vault: Project, password: String, of secrets: [String]) async throws {
        let url = "postgresql://freshet:\(password)@127.0.0.1:1/one"
        // Outside of the project's folder, which has to stay free of it.
        let outside = try TemporaryFolder()
        try url.write(toFile: outside.path + "/warehouse_url", atomically: true, encoding: .utf8)
        // What others may read is refused unread.
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: outside.path + "/warehouse_url")
        try vault.replace("file/warehouse_url", with: "file/\(outside.path)/warehouse_url", in: "freshet.yaml")
        var outcomes: [Outcome] = []
        for arguments in [
            ["check"], ["config", "show", "powerbi/sales", "--origin"], ["plan"], ["plan", "--json"], ["run", "*"],
            ["run", "*", "--force", "--json"],
        ] {
            outcomes.append(try await vault.freshet(arguments))
        }
        let command = [Place.binary, "up", "--verbose", "--listen", "off"]
        let daemon = try Running(command, in: vault.folder, environment: vault.environment)
        try await until("failed looks") {
            daemon.errors.split(separator: "\n").count { $0.contains("warehouse/fct_sales") } >= 3
        }
        outcomes.append(try await vault.freshet("run", "*", "--force"))
        for arguments in [
            ["status"], ["why", "powerbi/sales", "--json"], ["runs", "show", "latest", "--json"], ["ticks"],
            ["ticks", "--json"], ["sensors"], ["lineage", "--why"],
        ] {
            outcomes.append(try await vault.freshet(arguments))
        }
        #expect(daemon.errors.contains("refused"), "the database is not there: \(daemon.errors)")
        #expect(try Leaks.of(secrets, in: vault.folder, and: outcomes) == [])
        daemon.signal(SIGTERM)
        outcomes = [try await daemon.ended(within: .seconds(25))]
        #expect(try Leaks.of(secrets, in: vault.folder, and: outcomes) == [])
    }
}
