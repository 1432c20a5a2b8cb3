internal import FreshetCore
package import FreshetKit

/// What a plugin declares: one `plugin.yaml`, checked.
package struct PluginManifest: Sendable {
    /// The file, beside the program.
    package static let file = "plugin.yaml"

    package var name: String
    package var summary: String
    /// Absolute.
    package var folder: String
    /// Relative to the project, for messages.
    package var origin: Origin
    package var command: [String]
    package var environment: [String: String]
    package var secrets: [String: String]
    package var limits: PluginLimits
    package var transport: PipesTransport
    package var requires: [[String]]
    package var entries: [PluginEntry]
    package var tests: [PluginTest]
    /// A hash of the files in its folder.
    package var codeVersion: String

    /// The entry of that kind.
    package subscript(kind kind: String) -> PluginEntry? { entries.first { $0.kind == kind } }
}

/// One kind of a plugin.
package struct PluginEntry: Sendable {
    package enum Role: String, Sendable, CaseIterable {
        case materialize
        case observe
        case check
        case sensor
    }

    package var role: Role
    package var kind: String
    package var summary: String
    package var fields: [PluginField]
    /// Each as a YAML mapping in one line.
    package var examples: [String]
    /// The same, with their places in the file.
    package var exampleValues: [ConfigValue]
    /// `nil` for the plugin's.
    package var command: [String]?
    package var silentSuccess = SilentSuccess.error
    package var checks: [String] = []
    package var signal = ""
    package var caveats = Caveats()
    package var every: Duration?
    package var origin: Origin
}

package struct PluginField: Sendable {
    package var field: Field
    package var type: FieldType
    package var inner: FieldType?
    package var defaultValue: ConfigValue?
    /// The files that it names are part of what the program does.
    package var isCode = false

    var isPath: Bool { type == .path || inner == .path }
}

package struct PluginTest: Sendable {
    package var name: String
    package var kind: String
    package var settings: Settings
    /// In the place of the plugin's, by name.
    package var secrets: [String: String]
    package var cursor: String?
    package var expect: TestExpectation
    package var message: String?
}

extension PluginManifest {
    /// What others have called a kind already that it declares, each at its line.
    ///
    /// - Parameter taken: who has a kind, by its name.
    /// - Returns: a mistake for each; none where every name is new.
    package func clashes(with taken: [String: String]) -> [Diagnostic] {
        entries.compactMap { entry in
            taken[entry.kind].map {
                Diagnostic(
                    "the kind '\(entry.kind)' exists already: \($0)",
                    at: entry.origin,
                    hint: "give it another name, or the plugin and its folder"
                )
            }
        }
    }

    /// How long a look by its programs may take.
    var patience: Duration { max(.seconds(60), (limits.process.time ?? .zero) + limits.process.grace + .seconds(10)) }
}

package struct PluginLimits: Sendable {
    package var process: ProcessLimits
    /// Bytes that it may report.
    package var messages: Int64
}

/// How messages travel from the program; see the table of transports in docs/plugins.md.
package enum PipesTransport: String, CaseIterable, Sendable {
    case file
    case stdout
    case stderr
    case bufferedStdout = "buffered_stdout"
    case bufferedStderr = "buffered_stderr"
    /// In a file; the guest library sends its own output there too.
    case fileWithOutput = "file_with_output"

    /// What the program is told of it.
    func parameters(file: String) -> JSONValue {
        switch self {
        case .file: ["path": .text(file), "include_stdio_in_messages": false]
        case .fileWithOutput: ["path": .text(file), "include_stdio_in_messages": true]
        case .stdout: ["stdio": "stdout"]
        case .stderr: ["stdio": "stderr"]
        case .bufferedStdout: ["buffered_stdio": "stdout"]
        case .bufferedStderr: ["buffered_stdio": "stderr"]
        }
    }

    /// The stream that messages stand in, if they do.
    var stream: ProcessStream? {
        switch self {
        case .file, .fileWithOutput: nil
        case .stdout, .bufferedStdout: .standardOutput
        case .stderr, .bufferedStderr: .standardError
        }
    }
}
