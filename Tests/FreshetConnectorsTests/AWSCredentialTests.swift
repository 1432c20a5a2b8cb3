import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import Synchronization
import Testing

@testable import FreshetConnectors

/// A machine with files, variables and a network that a test makes up.
private final class Machine {
    let folder: String
    var variables: [String: String]
    let transport: ScriptedTransport
    let clock = ManualClock(at: Timestamp(seconds: 1_777_000_000))
    let redactor = Redactor()

    init(_ variables: [String: String] = [:], _ steps: ScriptedTransport.Step...) throws {
        folder = try temporaryFolder()
        transport = ScriptedTransport(steps)
        self.variables = variables.merging(["HOME": folder]) { old, _ in old }
        if !steps.contains(where: { $0.name.contains("169.254.169.254") }) {
            self.variables["AWS_EC2_METADATA_DISABLED"] = "true"
        }
    }

    func file(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let path = folder + "/" + name
        let parent = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    var surroundings: Surroundings {
        let variables = variables
        return Surroundings(
            transport: transport,
            secrets: ProcessSecrets(root: folder, redactor: redactor) { variables[$0] },
            redactor: redactor,
            clock: clock,
            chance: { 0.5 },
            root: folder
        )
    }

    func key(_ fields: KeyValuePairs<String, ConfigValue.Content> = [:]) async throws -> AWSKey {
        try await AWSCredentials(from: settings(fields)).key(region: "eu-central-1", surroundings)
    }
}

private final class Calls: Sendable {
    let count = Atomic(0)
}

private func token(_ id: String, minutes: Double = 60, _ action: String) -> String {
    let end = Timestamp(seconds: 1_777_000_000 + minutes * 60).iso8601
    return "<\(action)Response><\(action)Result><Credentials><AccessKeyId>\(id)</AccessKeyId>"
        + "<SecretAccessKey>secret-of-\(id)</SecretAccessKey><SessionToken>token-of-\(id)</SessionToken>"
        + "<Expiration>\(end)</Expiration></Credentials></\(action)Result></\(action)Response>"
}

private func metadata(_ id: String, minutes: Double = 60) -> String {
    let end = Timestamp(seconds: 1_777_000_000 + minutes * 60).iso8601
    return #"{"Code":"Success","AccessKeyId":"\#(id)","SecretAccessKey":"secret-of-\#(id)","Token":"token-of-\#(id)","#
        + #""Expiration":"\#(end)"}"#
}

struct `Keys for AWS` {
    private func form(_ request: HTTPRequest?) -> [String: String] {
        let text = String(decoding: request?.body ?? [], as: UTF8.self)
        let pairs = text.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        return Dictionary(pairs.map { ($0[0], PercentEncoding.decode($0[1])) }) { first, _ in first }
    }

    @Test func `come from the environment before anything else`() async throws {
        let machine = try Machine([
            "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "secret-of-A", "AWS_SESSION_TOKEN": "token-of-A",
        ])
        _ = try machine.file(".aws/credentials", "[default]\naws_access_key_id=B\naws_secret_access_key=b\n")
        let key = try await machine.key()
        #expect(key == AWSKey(accessKeyID: "A", secretAccessKey: "secret-of-A", sessionToken: "token-of-A"))
        #expect(machine.redactor.redact("secret-of-A token-of-A") == "[redacted] [redacted]")
    }

    @Test func `come from the profiles of both files`() async throws {
        let machine = try Machine()
        _ = try machine.file(
            ".aws/config",
            """
            # a remark
            [default]
            region = eu-west-1 ; another
            s3 =
              max_concurrent_requests = 20
            [profile team a]
            aws_access_key_id = T
            aws_secret_access_key = with=equals#and
            [sso-session x]
            aws_access_key_id = no
            """,
            mode: 0o644
        )
        _ = try machine.file(".aws/credentials", "[default]\naws_access_key_id = D\naws_secret_access_key = d/d+d\n")
        #expect(try await machine.key() == AWSKey(accessKeyID: "D", secretAccessKey: "d/d+d"))
        #expect(try await machine.key(["profile": "team a"]).secretAccessKey == "with=equals#and")
        #expect(try await AWSCredentials(from: settings([:])).region(machine.surroundings) == "eu-west-1")
        machine.variables["AWS_PROFILE"] = "team a"
        #expect(try await machine.key().accessKeyID == "T")
        machine.variables["AWS_PROFILE"] = "nobody"
        let error = await #expect(throws: AWSKeyError.self) { try await machine.key() }
        #expect(error?.description.contains("the profile 'nobody' of AWS_PROFILE") == true)
    }

    @Test func `are not read from a file that everyone may read`() async throws {
        let machine = try Machine()
        _ = try machine.file(".aws/credentials", "[default]\naws_access_key_id = D\n", mode: 0o644)
        let error = await #expect(throws: AWSKeyError.self) { try await machine.key() }
        #expect(error?.description.contains("chmod o-rwx") == true)
    }

    @Test func `of a role are asked for with those of the profile behind it, and signed`() async throws {
        let machine = try Machine(
            [:],
            .expect("POST", "https://sts.eu-west-2.amazonaws.com/", status: 200, body: token("R", "AssumeRole"))
        )
        _ = try machine.file(
            ".aws/config",
            """
            [profile role]
            role_arn = arn:aws:iam::1:role/r
            source_profile = base
            external_id = x/1
            role_session_name = me
            duration_seconds = 900
            region = eu-west-2
            [profile base]
            aws_access_key_id = B
            aws_secret_access_key = b
            """
        )
        let key = try await machine.key(["profile": "role"])
        #expect(key.accessKeyID == "R" && key.sessionToken == "token-of-R")
        let request = machine.transport.requests.first
        #expect(
            form(request) == [
                "Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": "arn:aws:iam::1:role/r",
                "RoleSessionName": "me", "ExternalId": "x/1", "DurationSeconds": "900",
            ]
        )
        #expect(request?.signing?.accessKeyID == "B" && request?.signing?.service == "sts")
    }

    @Test func `of a role that the connection states are asked for with whatever there is`() async throws {
        let machine = try Machine(
            ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "a", "AWS_SESSION_TOKEN": "t"],
            .expect("POST", "https://sts.eu-central-1.", status: 200, body: token("R", "AssumeRole"))
        )
        #expect(try await machine.key(["role_arn": "arn:r"]).accessKeyID == "R")
        #expect(machine.transport.requests.first?.headers["x-amz-security-token"] == "t")
    }

    @Test(arguments: [
        (
            "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = s\nsource_profile = a\n",
            "leads back"
        ),
        ("[profile a]\nrole_arn = r\n", "needs source_profile"),
        ("[profile a]\nrole_arn = r\nsource_profile = a\nmfa_serial = m\n", "mfa_serial"),
        ("[profile a]\nrole_arn = r\ncredential_source = Moon\n", "Moon"),
        ("[profile a]\nsso_session = s\n", "SSO"), ("[profile a]\nregion = r\n", "says nothing of keys"),
        ("[profile a]\naws_access_key_id = r\n", "no aws_secret_access_key"),
        ("[profile a]\ncredential_process = /bin/false\n", "credential_process: it failed"),
        ("[profile a]\ncredential_process = 'x\n", "a quote is not closed"),
    ])
    func `are refused with the reason`(config: String, words: String) async throws {
        let machine = try Machine()
        _ = try machine.file(".aws/config", config)
        let error = await #expect(throws: AWSKeyError.self) { try await machine.key(["profile": "a"]) }
        #expect(error?.description.contains(words) == true, "\(error.map(\.description) ?? "")")
    }

    @Test func `are printed by a command, which no shell reads`() async throws {
        let machine = try Machine()
        let answer =
            #"{"Version":1,"AccessKeyId":"P","SecretAccessKey":"p $HOME","SessionToken":"t","Expiration":"2030-01-01T00:00:00Z"}"#
        let file = try machine.file("answer it", answer)
        _ = try machine.file(".aws/config", "[default]\ncredential_process = /bin/cat \"\(file)\"\n")
        let key = try await machine.key()
        #expect(key.accessKeyID == "P" && key.secretAccessKey == "p $HOME" && key.expiresAt != nil)
    }

    @Test func `of a web identity are asked for with the token as it is now, unsigned`() async throws {
        let machine = try Machine(
            [:],
            .expect("POST", "sts.", status: 200, body: token("W1", minutes: 10, "AssumeRoleWithWebIdentity")),
            .expect("POST", "sts.", status: 200, body: token("W2", minutes: 90, "AssumeRoleWithWebIdentity"))
        )
        machine.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = try machine.file("token", "jwt-1\n", mode: 0o644)
        machine.variables["AWS_ROLE_ARN"] = "arn:r"
        let credentials = try AWSCredentials(from: settings([:]))
        #expect(try await credentials.key(region: "r", machine.surroundings).accessKeyID == "W1")
        #expect(try await credentials.key(region: "r", machine.surroundings).accessKeyID == "W1")
        #expect(machine.transport.requests.count == 1)
        _ = try machine.file("token", "jwt-2\n", mode: 0o644)
        machine.clock.advance(by: .seconds(6 * 60))
        #expect(try await credentials.key(region: "r", machine.surroundings).accessKeyID == "W2")
        #expect(machine.transport.requests.map { form($0)["WebIdentityToken"] } == ["jwt-1", "jwt-2"])
        #expect(machine.transport.requests.allSatisfy { $0.signing == nil })
        #expect(machine.redactor.redact("jwt-1 secret-of-W1") == "[redacted] [redacted]")
    }

    @Test func `of a container are asked for with the token of its file`() async throws {
        let machine = try Machine(
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials"],
            .expect("GET", "http://169.254.170.23/v1/credentials", status: 200, body: metadata("C"))
        )
        machine.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = try machine.file("t", "pod-token", mode: 0o644)
        #expect(try await machine.key().accessKeyID == "C")
        #expect(machine.transport.requests.first?.headers["Authorization"] == "pod-token")
        #expect(machine.transport.requests.first?.isDirect == true)
        let ecs = try Machine(
            ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x"],
            .expect("GET", "http://169.254.170.2/v2/x", status: 200, body: metadata("E"))
        )
        #expect(try await ecs.key().accessKeyID == "E")
    }

    @Test(arguments: [
        ("https://h/x", true), ("http://localhost:1/x", true), ("http://127.0.0.9/x", true), ("http://[::1]:5/x", true),
        ("http://[fd00:ec2::23]/x", true), ("http://example.com/x", false), ("http://localhost@example.com/", false),
        ("http://10.0.0.1/x", false), ("ftp://localhost/", false), ("http://localhost.example.com/", false),
    ])
    func `of a container are not asked for just anywhere`(url: String, expected: Bool) {
        #expect(AWSMetadata.isTrusted(url) == expected)
    }

    @Test func `of a machine are asked for in a session`() async throws {
        let base = "http://169.254.169.254/latest/"
        let machine = try Machine(
            [:],
            .expect("PUT", base + "api/token", status: 200, body: "session"),
            .expect("GET", base + "meta-data/iam/security-credentials/my%20role", status: 200, body: metadata("M")),
            .expect("GET", base + "meta-data/iam/security-credentials/", status: 200, body: "my role")
        )
        #expect(try await machine.key().accessKeyID == "M")
        #expect(
            machine.transport.requests.map { $0.headers["X-aws-ec2-metadata-token"] } == [nil, "session", "session"]
        )
        #expect(machine.transport.requests[0].headers["X-aws-ec2-metadata-token-ttl-seconds"] == "21600")
    }

    @Test func `are nowhere on a machine without any`() async throws {
        let machine = try Machine()
        let error = await #expect(throws: AWSKeyError.self) { try await machine.key() }
        #expect(error == .nowhere)
    }

    @Test func `are renewed once for all who ask`() async throws {
        let shelf = AWSKeyShelf()
        let surroundings = try Machine().surroundings
        let calls = Calls()
        let keys = try await withThrowingTaskGroup(of: AWSKey.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await shelf.key(surroundings) { () async throws(AWSKeyError) in
                        calls.count.add(1, ordering: .relaxed)
                        for _ in 0..<20 { await Task.yield() }
                        return AWSKey(
                            accessKeyID: "K",
                            secretAccessKey: "s",
                            expiresAt: Timestamp(seconds: 1_777_003_600)
                        )
                    }
                }
            }
            return try await group.reduce(into: Set<AWSKey>()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
        #expect(calls.count.load(ordering: .relaxed) == 1)
    }

    @Test func `serve to their end while they cannot be renewed`() async throws {
        let machine = try Machine()
        let (shelf, surroundings) = (AWSKeyShelf(), machine.surroundings)
        let end = machine.clock.now + .seconds(600)
        let old = AWSKey(accessKeyID: "old", secretAccessKey: "s", expiresAt: end)
        let failure = AWSKeyError.refused(by: "x", reason: "down", isTransient: true)
        _ = try await shelf.key(surroundings) { () async throws(AWSKeyError) in old }
        machine.clock.advance(by: .seconds(400))
        let kept = try await shelf.key(surroundings) { () async throws(AWSKeyError) in throw failure }
        #expect(kept == old)
        machine.clock.advance(by: .seconds(200))
        await #expect(throws: failure) {
            try await shelf.key(surroundings) { () async throws(AWSKeyError) in throw failure }
        }
    }

    @Test(arguments: [
        ("a b", ["a", "b"]), ("  a  'b c' \"d e\"f ", ["a", "b c", "d ef"]), ("a ''", ["a", ""]), ("", []),
    ])
    func `come from a command that is split at its blanks`(command: String, words: [String]) {
        #expect(AWSCredentialProcess.words(of: command) == words)
    }
}
