internal import FreshetCore
package import FreshetKit
private import Subprocess
private import SystemPackage

/// A command that prints a secret, such as the command line of a password manager.
///
/// It is started as it stands, never through a shell, with no environment but the declared one, in a session of its
/// own. What it writes to standard output is the secret, less one line break at the end.
package struct ExecBackend: SecretBackend {
    package static let name = "exec"
    package static let summary = "A command that prints the secret, such as that of a password manager."
    package static let fields = [
        Field(
            "command",
            .list(.text),
            required: true,
            "The program's path and its arguments; {path} in one stands for the reference's path, which else comes last."
        ),
        Field(
            "environment",
            .map(.anyOf([.secret, .text])),
            default: "{}",
            "All the variables that the command sees."
        ),
        Field("timeout", .duration, default: "30s", "When it is stopped."),
    ]
    package static let examples = [
        """
        kind: exec
        command: [/usr/bin/op, read, "op://{path}"]
        environment: {HOME: "${env:HOME}", OP_SERVICE_ACCOUNT_TOKEN: "${secret:systemd/op_token}"}
        """,
        """
        kind: exec
        command: [/usr/local/bin/sops, decrypt, secrets.enc.json]
        timeout: 10s
        """,
    ]
    private static let placeholder = "{path}"
    /// More than any secret.
    private static let outputLimit = 256 << 10

    private let command: [String]
    private let environment: [(name: String, value: String)]
    private let timeout: Duration
    private let surroundings: Surroundings

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        self.surroundings = surroundings
        command = try settings.texts("command")
        timeout = try settings.duration("timeout") ?? .seconds(30)
        guard let program = command.first, program.contains("/") || program.hasPrefix("${") else {
            throw Diagnostic(
                "'command' has to begin with the path of a program",
                at: settings.origin(of: "command"),
                hint: "write the whole path, such as /usr/bin/op; the command gets no PATH to search"
            )
        }
        guard timeout > .zero else {
            throw Diagnostic("'timeout' has to be more than zero", at: settings.origin(of: "timeout"))
        }
        var environment: [(name: String, value: String)] = []
        let variables = settings.object("environment")
        for entry in variables.value.entries {
            environment.append((entry.key, try variables.text(entry.key) ?? ""))
        }
        self.environment = environment
    }

    package func fetch(_ reference: SecretReference) async throws(SecretError) -> SecretValue {
        let call = BackendCall(backend: reference.backend, surroundings: surroundings)
        let words = try await arguments(reference, call)
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment {
            variables[Environment.Key(stringLiteral: name)] = try await surroundings.secrets.resolve(value)
        }
        switch await run(words, variables) {
        case .ended(.exited(0), let output, _):
            guard var text = String(validating: output, as: UTF8.self) else {
                throw call.refusal("the command did not print UTF-8 text")
            }
            if text.unicodeScalars.last == "\n" { text.unicodeScalars.removeLast() }
            if text.unicodeScalars.last == "\r" { text.unicodeScalars.removeLast() }
            guard !text.isEmpty else { throw call.refusal("the command printed nothing") }
            return SecretValue(text)
        case .ended(let status, _, let complaint):
            let said = surroundings.redactor.redact(String(complaint.prefix { !$0.isNewline }.prefix(200)))
            let reason = "the command ended with \(status.words)" + (said.isEmpty ? "" : ": \(said)")
            throw .unavailable(backend: reference.backend, reason: reason, isTransient: true)
        case .timedOut:
            let reason = "the command did not end within \(timeout.briefly)"
            throw .unavailable(backend: reference.backend, reason: reason, isTransient: true)
        case .failed(let reason): throw call.refusal(surroundings.redactor.redact(reason))
        }
    }

    /// The program, absolute, and its arguments.
    private func arguments(_ reference: SecretReference, _ call: BackendCall) async throws(SecretError) -> [String] {
        var words: [String] = []
        for text in command { words.append(try await surroundings.secrets.resolve(text)) }
        if words.contains(where: { $0.contains(Self.placeholder) }) {
            words = words.map { $0.replacing(Self.placeholder, with: reference.path) }
        } else {
            words.append(reference.path)
        }
        // The program would take it for an option.
        guard !reference.path.hasPrefix("-") else { throw call.refusal("a path that begins with '-' is not passed on") }
        if !words[0].hasPrefix("/") { words[0] = "\(surroundings.root)/\(words[0])" }
        return words
    }

    private enum Ending: Sendable {
        case ended(TerminationStatus, output: [UInt8], complaint: String)
        case timedOut
        case failed(String)
    }

    private func run(_ words: [String], _ variables: [Environment.Key: String]) async -> Ending {
        var options = PlatformOptions()
        options.createSession = true
        // Whatever the command started ends with it.
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        let limit = surroundings.clock.now + timeout
        return await withTaskGroup(of: Ending.self) { [options] group in
            group.addTask {
                do {
                    let result = try await Subprocess.run(
                        .path(FilePath(words[0])),
                        arguments: Arguments(Array(words.dropFirst())),
                        environment: .custom(variables),
                        workingDirectory: FilePath(surroundings.root),
                        platformOptions: options,
                        output: .bytes(limit: Self.outputLimit),
                        error: .string(limit: Self.outputLimit)
                    )
                    return .ended(
                        result.terminationStatus,
                        output: result.standardOutput,
                        complaint: result.standardError
                    )
                } catch {
                    return .failed("the command cannot be run: \(error)")
                }
            }
            group.addTask {
                do { try await surroundings.clock.sleep(until: limit) } catch { return .failed("it was given up") }
                return .timedOut
            }
            let first = await group.next() ?? .timedOut
            group.cancelAll()
            return first
        }
    }
}

extension TerminationStatus {
    fileprivate var words: String {
        switch self {
        case .exited(let code): "status \(code)"
        default: "a signal"
        }
    }
}
