internal import FreshetCore
internal import FreshetKit
private import Subprocess
private import SystemPackage

/// A command that prints keys: the `credential_process` of a profile.
///
/// It runs without a shell, with the variables that such commands need and no others.
///
/// - SeeAlso: "Process credential provider" of the AWS SDKs and Tools Reference Guide.
struct AWSCredentialProcess: Sendable {
    private static let timeout = Duration.seconds(60)
    private static let outputLimit = 64 << 10
    private static let variables = [
        "AWS_CONFIG_FILE", "AWS_REGION", "AWS_SHARED_CREDENTIALS_FILE", "HOME", "LANG", "PATH",
    ]

    var command: String
    var surroundings: Surroundings

    // For messages: whose command it is.
    func key(_ place: String) async throws(AWSKeyError) -> AWSKey {
        func refusal(_ reason: String) -> AWSKeyError {
            .refused(
                by: place,
                reason: "credential_process: " + surroundings.redactor.redact(reason),
                isTransient: true
            )
        }
        guard let words = Self.words(of: command), let program = words.first else {
            throw refusal("a quote is not closed, or there is no command")
        }
        let output: [UInt8]
        switch await run(program, Array(words.dropFirst())) {
        case .printed(let bytes): output = bytes
        case .failed(let reason): throw refusal(reason)
        }
        guard let answer = try? JSONValue(parsing: output) else { throw refusal("it did not print JSON") }
        guard answer["Version"]?.integer == 1, let key = AWSKey(answer) else {
            throw refusal("it did not print keys in version 1 of the format")
        }
        return key
    }

    /// Splits at blanks; quotes keep them.
    static func words(of command: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in command {
            if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if character.isWhitespace {
                if let finished = word { words.append(finished) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return quote == nil ? words : nil
    }

    private enum Ending: Sendable {
        case printed([UInt8])
        case failed(String)
    }

    private func run(_ program: String, _ arguments: [String]) async -> Ending {
        var environment: [Environment.Key: String] = [:]
        for name in Self.variables {
            if let value = surroundings.secrets.variable(name) {
                environment[Environment.Key(stringLiteral: name)] = value
            }
        }
        var options = PlatformOptions()
        options.createSession = true
        // Whatever the command started ends with it.
        options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        let limit = surroundings.clock.now + Self.timeout
        return await withTaskGroup(of: Ending.self) { [options, environment] group in
            group.addTask {
                do {
                    let result = try await Subprocess.run(
                        executable,
                        arguments: Arguments(arguments),
                        environment: .custom(environment),
                        platformOptions: options,
                        output: .bytes(limit: Self.outputLimit),
                        error: .string(limit: Self.outputLimit)
                    )
                    guard case .exited(0) = result.terminationStatus else {
                        return .failed("it failed: \(result.standardError.prefix { !$0.isNewline }.prefix(200))")
                    }
                    return .printed(result.standardOutput)
                } catch {
                    return .failed("it cannot be run: \(error)")
                }
            }
            group.addTask {
                do { try await surroundings.clock.sleep(until: limit) } catch { return .failed("it was given up") }
                return .failed("it did not end within \(Self.timeout.briefly)")
            }
            let first = await group.next() ?? .failed("it did not run")
            group.cancelAll()
            return first
        }
    }
}
