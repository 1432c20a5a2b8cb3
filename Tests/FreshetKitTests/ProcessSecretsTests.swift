import Foundation
import FreshetKit
import Testing

struct `References to what the process was given` {
    private let folder: String
    private let redactor = Redactor()

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder + "/credentials", withIntermediateDirectories: true)
    }

    private func secrets(_ variables: [String: String] = [:]) -> ProcessSecrets {
        ProcessSecrets(root: folder, redactor: redactor) { variables[$0] }
    }

    private func write(_ text: String, to name: String, mode: Int = 0o600) {
        _ = FileManager.default.createFile(
            atPath: "\(folder)/\(name)",
            contents: Data(text.utf8),
            attributes: [.posixPermissions: mode]
        )
    }

    @Test func `a text without reference stays as it is`() async throws {
        #expect(try await secrets().resolve("a $5 {b} é") == "a $5 {b} é")
    }

    @Test func `two dollars stand for one`() async throws {
        #expect(try await secrets().resolve("$${env:X} $$$$ $") == "${env:X} $$ $")
    }

    @Test func `references stand anywhere in a text`() async throws {
        let secrets = secrets(["HOST": "db", "PASSWORD": "hush${env:HOST}"])
        let text = try await secrets.resolve("postgres://u:${secret:env/PASSWORD}@${env:HOST}/x")
        #expect(text == "postgres://u:hush${env:HOST}@db/x")
    }

    @Test func `the redactor learns a secret, and not a plain variable`() async throws {
        _ = try await secrets(["HOST": "db.local", "PASSWORD": "hush-hush"]).resolve(
            "${secret:env/PASSWORD}${env:HOST}"
        )
        #expect(redactor.redact("hush-hush at db.local") == "[redacted] at db.local")
    }

    @Test func `a variable that is not set is named`() async {
        await #expect(throws: SecretError.notSet(variable: "NOWHERE")) { try await secrets().resolve("${env:NOWHERE}") }
    }

    @Test func `an empty variable is set`() async throws {
        #expect(try await secrets(["EMPTY": ""]).resolve("[${env:EMPTY}]") == "[]")
    }

    @Test(arguments: [
        "${env:X", "${X}", "${var:x}", "${secret:x}", "${env:}", "${secret:file/}", "${secret:file/../x}",
    ])
    func `a malformed reference is refused`(text: String) async {
        let expected = SecretError.malformed(reference: text)
        await #expect(throws: expected) { try await secrets(["X": "1"]).resolve(text) }
    }

    @Test func `an unknown provider is told with those that are known`() async {
        let expected = SecretError.unknownProvider(
            "vault",
            reference: "${secret:vault/x}",
            known: ["env", "file", "systemd"]
        )
        await #expect(throws: expected) { try await secrets().resolve("${secret:vault/x}") }
    }

    @Test func `a file lies in the project, and one line break at its end does not count`() async throws {
        write("hush-file\n\n", to: "password")
        #expect(try await secrets().resolve("${secret:file/password}") == "hush-file\n")
        #expect(redactor.redact("x hush-file\n") == "x [redacted]")
    }

    @Test func `a file is read at each use`() async throws {
        write("first", to: "password")
        let secrets = secrets()
        #expect(try await secrets.resolve("${secret:file/password}") == "first")
        write("second", to: "password")
        #expect(try await secrets.resolve("${secret:file/password}") == "second")
    }

    @Test func `a credential of systemd comes before a file of the project`() async throws {
        write("of the project", to: "password")
        write("of systemd", to: "credentials/password")
        write("only here", to: "other")
        let secrets = secrets(["CREDENTIALS_DIRECTORY": folder + "/credentials"])
        #expect(try await secrets.resolve("${secret:file/password}") == "of systemd")
        #expect(try await secrets.resolve("${secret:file/other}") == "only here")
    }

    @Test func `a file that everyone may read is refused`() async throws {
        write("hush-file", to: "password", mode: 0o644)
        let error = await #expect(throws: SecretError.self) { try await secrets().resolve("${secret:file/password}") }
        #expect(error?.description.contains("chmod o-rwx") == true)
        #expect(error?.description.contains("hush-file") == false)
    }

    @Test(arguments: ["nothing", "credentials"])
    func `what is not a file is told`(name: String) async {
        let error = await #expect(throws: SecretError.self) { try await secrets().resolve("${secret:file/\(name)}") }
        guard case .unreadable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `systemd's credentials are read from their folder and from nowhere else`() async throws {
        write("of systemd", to: "credentials/password")
        write("of the project", to: "other")
        let secrets = secrets(["CREDENTIALS_DIRECTORY": folder + "/credentials"])
        #expect(try await secrets.resolve("${secret:systemd/password}") == "of systemd")
        await #expect(throws: SecretError.self) { try await secrets.resolve("${secret:systemd/other}") }
        await #expect(throws: SecretError.notSet(variable: "CREDENTIALS_DIRECTORY")) {
            try await self.secrets().resolve("${secret:systemd/password}")
        }
    }

    @Test func `a field of a file is picked, and a line break of another system does not count`() async throws {
        write(#"{"a":"hush-hush"}"#, to: "all.json")
        write("hush-hush\r\n", to: "windows")
        #expect(try await secrets().resolve("${secret:file/all.json#a}") == "hush-hush")
        #expect(try await secrets().resolve("${secret:file/windows}") == "hush-hush")
    }
}
