import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import RawServer
import Synchronization
import Testing

@testable import FreshetConnectors

private func reference(_ text: String) throws -> SecretReference {
    try #require(SecretReference(parsing: text) { _ in true })
}

private func mistake(_ make: () throws(Diagnostic) -> Void) -> Diagnostic? {
    do throws(Diagnostic) { try make() } catch { return error }
    return nil
}

struct `Secrets in Vault` {
    private let transport = ScriptedTransport()
    private let clock = ManualClock(at: Timestamp(milliseconds: 1_767_225_600_000))
    private static let found = """
        {"data":{"data":{"user":"u","password":"hush-hush"},
        "metadata":{"created_time":"2025-12-01T10:00:00.123456789Z","deletion_time":"","destroyed":false,"version":2}}}
        """

    private func surroundings() throws -> Surroundings {
        var seams = try FreshetConnectorsTests.surroundings(
            variables: ["VAULT_TOKEN": "s.root-token", "ROLE_SECRET": "role-secret-id"],
            transport: transport
        )
        seams.clock = clock
        return seams
    }

    private func vault(_ more: (String, ConfigValue.Content)...) throws -> VaultBackend {
        let origin = Origin(file: "test.yaml")
        let fields: [(String, ConfigValue.Content)] = [("address", "https://vault.test:8200/")] + more
        let entries = fields.map { ConfigValue.Entry(key: $0, keyOrigin: origin, value: ConfigValue($1, at: origin)) }
        return try VaultBackend(
            from: Settings(ConfigValue(.object(entries), at: origin)),
            in: try surroundings()
        )
    }

    private let appRole = settings(["role_id": "role", "secret_id": "${secret:env/ROLE_SECRET}"]).value.content
    private let token: (String, ConfigValue.Content) = ("token", "${secret:env/VAULT_TOKEN}")

    @Test func `are read with a token, by path, version and namespace`() async throws {
        transport.append(.expect("GET", "https://vault.test:8200/v1/kv/data/", status: 200, body: Self.found))
        let vault = try vault(token, ("mount", "kv"), ("namespace", "team"))
        let value = try await vault.fetch(try reference("v/apps/power bi@2"))
        let request = try #require(transport.requests.first)
        #expect(request.url == "https://vault.test:8200/v1/kv/data/apps/power%20bi?version=2")
        #expect(request.headers["X-Vault-Token"] == "s.root-token")
        #expect(request.headers["X-Vault-Namespace"] == "team")
        #expect(value.isObject)
        #expect(value.changedAt == Timestamp(iso8601: "2025-12-01T10:00:00.123Z"))
        #expect(value.expiresAt == nil)
    }

    @Test func `have to be named where there are several, and need not where there is one`() async throws {
        let seams = try surroundings()
        transport.append(
            .expect("GET", "/one", status: 200, body: #"{"data":{"data":{"any":"only-one"},"metadata":{}}}"#),
            .expect("GET", "/two", status: 200, body: Self.found)
        )
        let secrets = ProjectSecrets(
            process: ProcessSecrets(root: "/", redactor: seams.redactor),
            backends: [ProjectSecrets.Declared(name: "v", backend: try vault(token), cache: .seconds(300))],
            redactor: seams.redactor,
            clock: clock
        )
        #expect(try await secrets.resolve("${secret:v/one}") == "only-one")
        #expect(try await secrets.resolve("${secret:v/two#password}") == "hush-hush")
        let error = await #expect(throws: SecretError.self) { try await secrets.resolve("${secret:v/two}") }
        #expect(error == .noField(reference: "${secret:v/two}", known: ["password", "user"]))
    }

    @Test func `are read with a login by AppRole, renewed at two thirds of its life`() async throws {
        func grant(_ token: String) {
            let body = #"{"auth":{"client_token":"\#(token)","lease_duration":900,"renewable":true}}"#
            transport.append(.expect("POST", "/v1/auth/approle/login", status: 200, body: body))
        }
        transport.append(.expect("GET", "/v1/secret/data/a", status: 200, body: Self.found, isRepeated: true))
        let vault = try vault(("app_role", appRole))
        grant("s.first-login")
        _ = try await vault.fetch(try reference("v/a"))
        clock.advance(by: .seconds(599))
        _ = try await vault.fetch(try reference("v/a"))
        clock.advance(by: .seconds(1))
        grant("s.second-login")
        _ = try await vault.fetch(try reference("v/a"))
        let tokens = transport.requests.compactMap { $0.headers["X-Vault-Token"] }
        #expect(tokens == ["s.first-login", "s.first-login", "s.second-login"])
        let login = try #require(transport.requests.first)
        #expect(try JSONValue(parsing: login.body ?? []) == ["role_id": "role", "secret_id": "role-secret-id"])
    }

    @Test func `are asked for once more after a login that was revoked`() async throws {
        let login = #"{"auth":{"client_token":"s.login","lease_duration":0}}"#
        transport.append(
            .expect("POST", "/login", status: 200, body: login),
            .expect("GET", "/a", status: 403, body: #"{"errors":["permission denied"]}"#),
            .expect("POST", "/login", status: 200, body: login),
            .expect("GET", "/a", status: 200, body: Self.found)
        )
        _ = try await vault(("app_role", appRole)).fetch(try reference("v/a"))
        #expect(transport.unused.isEmpty)
    }

    @Test(arguments: [
        (403, #"{"errors":["1 error occurred:\n\t* permission denied\n\n"]}"#, "check the token", false),
        (404, #"{"errors":[]}"#, "there is no secret 'a'", false),
        (404, #"{"data":{"data":null,"metadata":{"deletion_time":"2025-01-01T00:00:00Z"}}}"#, "is deleted", false),
        (503, #"{"errors":["Vault is sealed"]}"#, "sealed", true), (200, "<html>", "no reason given", false),
    ])
    func `say why there is none`(status: Int, body: String, words: String, isTransient: Bool) async throws {
        transport.append(.expect("GET", "/a", status: status, body: body))
        let vault = try vault(token)
        let error = await #expect(throws: SecretError.self) { try await vault.fetch(try reference("v/a")) }
        #expect(error?.description.contains(words) == true, "\(error.map(\.description) ?? "")")
        #expect(error?.description.contains("\n") == false)
        #expect(error?.isTransient == isTransient)
        #expect(transport.requests.count == 1)
    }

    @Test func `need exactly one way to sign in`() throws {
        #expect(throws: Diagnostic.self) { try vault() }
        #expect(throws: Diagnostic.self) { try vault(token, ("app_role", appRole)) }
    }
}

struct `Secrets in Azure Key Vault` {
    private let transport = ScriptedTransport()

    private func vault() throws -> KeyVaultBackend {
        let seams = try surroundings(variables: ["S": "hush-hush"], transport: transport)
        return try KeyVaultBackend(
            from: settings([
                "vault_url": "https://retail.vault.test/", "tenant_id": "t", "client_id": "c",
                "client_secret": "${secret:env/S}",
            ]),
            in: seams
        )
    }

    private func grant(_ token: String) {
        let body = #"{"access_token":"\#(token)","expires_in":3600}"#
        transport.append(.expect("POST", "/oauth2/v2.0/token", status: 200, body: body))
    }

    @Test func `are read with the same sign-in as Power BI, for another resource`() async throws {
        grant("token-of-vault")
        let body = #"{"value":"hush","id":"x","attributes":{"enabled":true,"updated":1764583200,"exp":1767225600}}"#
        transport.append(.expect("GET", "https://retail.vault.test/", status: 200, body: body))
        let value = try await vault().fetch(try reference("keys/powerbi-secret@0123"))
        #expect(
            value
                == SecretValue(
                    "hush",
                    changedAt: Timestamp(seconds: 1_764_583_200),
                    expiresAt: Timestamp(seconds: 1_767_225_600)
                )
        )
        let requests = transport.requests
        let form = String(decoding: requests.first?.body ?? [], as: UTF8.self)
        #expect(form.contains("scope=https%3A%2F%2Fvault.azure.net%2F.default"))
        #expect(requests.last?.url == "https://retail.vault.test/secrets/powerbi-secret/0123?api-version=7.4")
        #expect(requests.last?.headers["Authorization"] == "Bearer token-of-vault")
    }

    @Test func `are asked for once more with a new token when the old one is refused`() async throws {
        grant("first-token")
        transport.append(.expect("GET", "/secrets/a", status: 401))
        grant("second-token")
        transport.append(.expect("GET", "/secrets/a", status: 200, body: #"{"value":"hush"}"#))
        #expect(try await vault().fetch(try reference("keys/a")).text == "hush")
        #expect(transport.requests.last?.headers["Authorization"] == "Bearer second-token")
    }

    @Test(arguments: [(403, "Key Vault Secrets User"), (404, "there is no secret 'a'"), (429, "status 429")])
    func `say why there is none`(status: Int, words: String) async throws {
        grant("first-token")
        let body = #"{"error":{"code":"X","message":"in their words\r\nand more"}}"#
        transport.append(.expect("GET", "/secrets/a", status: status, body: body))
        let vault = try vault()
        let error = await #expect(throws: SecretError.self) { try await vault.fetch(try reference("keys/a")) }
        #expect(error?.description.contains(words) == true, "\(error.map(\.description) ?? "")")
        #expect(error?.description.contains("in their words") == true)
        #expect(error?.description.contains("and more") == false)
        #expect(error?.isTransient == (status == 429))
    }

    @Test func `say why nobody signs in`() async throws {
        let body = #"{"error":"invalid_client","error_description":"x","error_codes":[7000222]}"#
        transport.append(.expect("POST", "/token", status: 401, body: body))
        let vault = try vault()
        let error = await #expect(throws: SecretError.self) { try await vault.fetch(try reference("keys/a")) }
        #expect(error?.description.contains("has expired") == true)
    }
}

struct `Secrets in AWS Secrets Manager` {
    private static let keys = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hush-hush"]

    private func fetch(
        _ text: String,
        status: Int = 200,
        _ body: String,
        variables: [String: String] = keys
    ) async throws -> (value: Result<SecretValue, SecretError>, request: HTTPRequest) {
        let transport = ScriptedTransport([.expect("POST", "https://", status: status, body: body)])
        let seams = try surroundings(variables: variables, transport: transport)
        let backend = try SecretsManagerBackend(from: settings(["region": "eu-central-1"]), in: seams)
        let reference = try reference(text)
        var value: Result<SecretValue, SecretError>
        do throws(SecretError) { value = .success(try await backend.fetch(reference)) } catch {
            value = .failure(error)
        }
        return (value, try #require(transport.requests.first))
    }

    @Test func `are read by a signed request`() async throws {
        let body = #"{"Name":"a/b","SecretString":"{\"k\":\"v\"}","CreatedDate":1.7645832E9,"VersionId":"1"}"#
        let (value, request) = try await fetch(
            "aws/a/b",
            body,
            variables: Self.keys.merging(["AWS_SESSION_TOKEN": "session-token"]) { $1 }
        )
        #expect(try value.get() == SecretValue(#"{"k":"v"}"#, changedAt: Timestamp(seconds: 1_764_583_200)))
        #expect(request.url == "https://secretsmanager.eu-central-1.amazonaws.com/")
        #expect(request.headers["X-Amz-Target"] == "secretsmanager.GetSecretValue")
        #expect(request.headers["Content-Type"] == "application/x-amz-json-1.1")
        #expect(request.headers["x-amz-security-token"] == "session-token")
        #expect(request.signing?.service == "secretsmanager")
        #expect(request.signing?.region == "eu-central-1")
        #expect(try JSONValue(parsing: request.body ?? []) == ["SecretId": "a/b"])
    }

    @Test func `have versions with ids and with labels, and may be bytes`() async throws {
        let id = "EXAMPLE1-90ab-cdef-fedc-ba987SECRET1"
        let bytes = #"{"SecretBinary":"aHVzaA=="}"#
        let (value, request) = try await fetch("aws/a@\(id)", bytes)
        #expect(try value.get().text == "hush")
        #expect(try JSONValue(parsing: request.body ?? []) == ["SecretId": "a", "VersionId": .text(id)])
        let (_, other) = try await fetch("aws/a@AWSPREVIOUS", bytes)
        #expect(try JSONValue(parsing: other.body ?? []) == ["SecretId": "a", "VersionStage": "AWSPREVIOUS"])
        let (binary, _) = try await fetch("aws/a", #"{"SecretBinary":"/w=="}"#)
        #expect(throws: SecretError.self) { try binary.get() }
    }

    @Test(arguments: [
        (400, "ResourceNotFoundException", "there is no secret 'a'", false),
        (400, "com.amazon#AccessDeniedException", "secretsmanager:GetSecretValue", false),
        (400, "UnrecognizedClientException", "access_key_id", false), (400, "ThrottlingException", "busy", true),
        (500, "Other", "Other", true),
    ])
    func `say why there is none`(status: Int, type: String, words: String, isTransient: Bool) async throws {
        let (value, _) = try await fetch("aws/a", status: status, #"{"__type":"\#(type)","message":"said"}"#)
        let error = #expect(throws: SecretError.self) { try value.get() }
        #expect(error?.description.contains(words) == true, "\(error.map(\.description) ?? "")")
        #expect(error?.isTransient == isTransient)
    }

    @Test func `are asked for with a signature that a verifier accepts`() async throws {
        let mistakes = Mutex<[String?]>([])
        let server = RawServer { connection in
            guard let request = connection.read() else { return }
            mistakes.withLock { $0.append(SignatureVerifier(secret: "hush-hush").mistake(in: request)) }
            connection.answer(#"{"SecretString":"signed"}"#)
        }
        let seams = try surroundings(variables: Self.keys)
        let backend = try SecretsManagerBackend(
            from: settings(["region": "eu-central-1", "endpoint_url": .text(server.url)]),
            in: seams
        )
        #expect(try await backend.fetch(try reference("aws/a")).text == "signed")
        #expect(mistakes.withLock { $0 } == [nil])
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `Secrets that a command prints` {
    private let folder: String

    init() throws { folder = try temporaryFolder() }

    private func script(_ text: String) throws -> String {
        let path = folder + "/print"
        try "#!/bin/sh\n\(text)\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        return path
    }

    private func fetch(
        _ command: [String],
        _ path: String = "vault/item",
        environment: ConfigValue.Content? = nil,
        timeout: String = "20s"
    ) async throws -> String {
        let words = ConfigValue.Content.list(command.map { ConfigValue(.text($0), at: Origin(file: "f")) })
        let fields = settings([
            "command": words, "timeout": .text(timeout),
            "environment": environment ?? .object([]),
        ])
        let seams = try surroundings(root: folder, variables: ["HOST_SECRET": "hush-hush"])
        let backend = try ExecBackend(from: fields, in: seams)
        return try await backend.fetch(try reference("op/" + path)).text
    }

    @Test func `are what it writes, less one line break`() async throws {
        #expect(try await fetch(["/usr/bin/printf", "a b\\n\\n"]) == "a b\n")
        #expect(try await fetch(["/bin/echo"]) == "vault/item")
    }

    @Test func `stand where the path is wanted, and no shell reads it`() async throws {
        #expect(try await fetch(["/bin/echo", "op://{path}/password"], "$(id) `id` *") == "op://$(id) `id` */password")
    }

    @Test func `may lie beside the project`() async throws {
        _ = try script("pwd")
        #expect(try await fetch(["./print"]).hasSuffix(folder.split(separator: "/").last ?? ""))
    }

    @Test func `see the declared environment and nothing else`() async throws {
        let declared = settings(["TOKEN": "${secret:env/HOST_SECRET}"]).value.content
        #expect(
            try await fetch(["/usr/bin/env", "-u", "{path}"], "NOTHING", environment: declared) == "TOKEN=hush-hush"
        )
        await #expect(throws: SecretError.self) { try await fetch(["/usr/bin/env", "-u", "{path}"], "NOTHING") }
    }

    @Test func `fail with its status and its first words`() async throws {
        let path = try script("echo 'not signed in' >&2; echo more >&2; exit 3")
        let error = await #expect(throws: SecretError.self) { try await fetch([path]) }
        #expect(error?.description.hasSuffix("the command ended with status 3: not signed in") == true)
    }

    @Test func `fail when it prints nothing, too much, or is not there`() async throws {
        await #expect(throws: SecretError.self) { try await fetch(["/bin/true"]) }
        await #expect(throws: SecretError.self) {
            try await fetch(["/usr/bin/head", "-c", "300000", "/dev/zero", "{path}"], "/dev/null")
        }
        await #expect(throws: SecretError.self) { try await fetch(["/nowhere/op"]) }
        await #expect(throws: SecretError.self) { try await fetch(["/bin/echo"], "-n") }
    }

    @Test func `fail when it does not end, and so does what it started`() async throws {
        // Time enough for a shell to begin on a machine that has much else to do.
        let path = try script("sleep 300 & echo $! > child; wait")
        let error = await #expect(throws: SecretError.self) { try await fetch([path], timeout: "5s") }
        #expect(error?.description.contains("did not end within 5s") == true)
        let child = try #require(
            pid_t(
                String(contentsOfFile: folder + "/child", encoding: .utf8).trimmingCharacters(
                    in: .whitespacesAndNewlines
                )
            )
        )
        // Gone, or dead and not yet collected by whoever inherits it.
        let state = (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)) ?? ""
        #expect(state.isEmpty || state.contains(") Z "), "\(state)")
    }

    @Test func `need the path of a program`() throws {
        let words = texts("op", "read")
        let seams = try surroundings()
        let found = mistake { () throws(Diagnostic) in
            _ = try ExecBackend(from: settings(["command": words]), in: seams)
        }
        #expect(found?.message == "'command' has to begin with the path of a program")
    }
}
