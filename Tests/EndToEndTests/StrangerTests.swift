import Foundation
import Testing

@Suite(.enabled(if: Place.hasVenv, "botocore or jsonschema is not installed; scripts/setup tests does it"), .serialized)
struct `Programs that know nothing of Freshet` {
    @Test func `botocore and requests find the emulator as they find the real services`() async throws {
        let emulator = try await Emulator(duration: 2)
        let script = Place.root + "/Tests/python/emulator_botocore.py"
        let check = try Running([try Self.python, script], in: "/", input: emulator.ready.description + "\n")
        try await check.ended(within: .seconds(90)).expect()
    }

    @Test func `the schema accepts this repository's own project`() async throws {
        #expect(try await Self.mistakes(in: Place.root + "/freshet.yaml") == [])
        for file in try FileManager.default.contentsOfDirectory(atPath: Place.root + "/assets") {
            #expect(try await Self.mistakes(in: Place.root + "/assets/" + file) == [])
        }
    }

    @Test(arguments: ["shop", "retail", "objects", "vault"])
    func `the schema accepts the projects of these tests`(_ name: String) async throws {
        let project = try Project(name)
        #expect(try await Self.mistakes(in: project.folder + "/freshet.yaml") == [])
        #expect(try await Self.mistakes(in: project.folder + "/assets/\(name).yaml") == [])
    }

    @Test func `the schema rejects a misspelt member, a wrong type and a secret in plain text`() async throws {
        for (file, text, wrong) in [
            ("freshet.yaml", "timezone:", "timezon:"), ("freshet.yaml", "poll_interval:", "pol_interval:"),
            ("freshet.yaml", "quiet_period: 0s", "quiet_perod: 0s"),
            ("assets/shop.yaml", "table: fct_sales", "tabel: x"),
            ("assets/shop.yaml", "model: Sales", "model: [Sales]"), ("assets/shop.yaml", "if: ", "when: "),
            ("freshet.yaml", "${secret:env/POWERBI_CLIENT_SECRET}", "plain"),
        ] {
            let project = try Project("shop")
            try project.replace(text, with: wrong, in: file)
            #expect(try await Self.mistakes(in: "\(project.folder)/\(file)") != [], "\(wrong)")
        }
    }

    private static var python: String { get throws { try #require(Place.venv) + "/bin/python" } }

    /// What jsonschema says of a file by the schema that the program prints.
    private static func mistakes(in file: String) async throws -> [String] {
        let folder = try TemporaryFolder()
        let schema = try await Running([Place.binary, "schema"], in: folder.path).ended().expect()
        try schema.output.write(toFile: folder.path + "/schema.json", atomically: true, encoding: .utf8)
        let script = Place.tests + "/validate.py"
        let outcome = try await Running([try python, script, folder.path + "/schema.json", file], in: "/").ended()
            .expect()
        return outcome.output.split(separator: "\n").map(String.init)
    }
}
