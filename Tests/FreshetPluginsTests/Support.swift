import Foundation
import FreshetCore
import FreshetDefinitions
import FreshetKit
import FreshetProcess
import FreshetTesting
import Synchronization
import Testing

@testable import FreshetPlugins

/// Where the things are that these tests use.
enum Place {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        .path().trimmingSlash
    static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    /// The folder of a Python with dagster-pipes and duckdb; `nil` where `scripts/setup tests` has not made it.
    static let pipes: String? = {
        let folder = root + "/.build/venv-pipes/bin"
        return FileManager.default.isExecutableFile(atPath: folder + "/python3") ? folder : nil
    }()
    static let fixtures = ProcessInfo.processInfo.environment["FRESHET_FIXTURES"].map { $0 + "/dagster-pipes" }
    private static let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

    /// Real programs, under the keeper that is built beside the tests.
    static let processes = ContainedProcesses(keeper: folder.appending(path: "Keeper").path(), arguments: [])

    /// What a command writes.
    static func run(_ words: [String], input: String) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        return try stdout.fileHandleForReading.readToEnd() ?? Data()
    }
}

extension String {
    fileprivate var trimmingSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}

/// A project with one plugin, in a folder that goes with the value.
final class TestPlugin: Sendable {
    let root: String
    let manifest: PluginManifest

    /// Writes `main.py` with this text, and a `plugin.yaml` with these lines.
    init(
        program: String,
        command: String = "[python3, ./main.py]",
        limits: String = "{time: 60s, grace: 1s, processes: 100, memory: 1GB, output: 1MB}",
        more: String = "",
        entries: String = """
        kinds:
          - kind: tried.make
            summary: Made for tests.
            fields: {word: {type: text, default: hello}, count: {type: integer}}
            checks: [row_count_positive]
        probes:
          - {kind: tried.look, summary: Looked at for tests., fields: {word: {type: text}}}
        checks:
          - {kind: tried.check, summary: Checked for tests.}
        sensors:
          - {kind: tried.all, summary: Seen for tests., every: 5s}
        """
    ) throws {
        let root = NSTemporaryDirectory() + "freshet-plugins-\(UUID().uuidString)"
        self.root = root
        let folder = root + "/plugins/tried"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("project: tried\n".utf8).write(to: URL(filePath: root + "/freshet.yaml"))
        try Data(program.utf8).write(to: URL(filePath: folder + "/main.py"))
        let path = (Place.pipes.map { $0 + ":" } ?? "") + "/usr/local/bin:/usr/bin:/bin"
        let yaml = """
            plugin: tried
            summary: Made for tests.
            command: \(command)
            environment: {PATH: "\(path)", OTHER: "${env:GIVEN}"}
            limits: \(limits)
            \(more)
            \(entries)
            """
        try Data(yaml.utf8).write(to: URL(filePath: folder + "/plugin.yaml"))
        manifest = try Self.read("plugins/tried/plugin.yaml", root: root)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    static func read(_ file: String, root: String) throws -> PluginManifest {
        let (settings, diagnostics) = DeclarationFile.read(file, root: root, as: ManifestFields.all)
        guard let settings else { throw diagnostics[0] }
        let folder = root + "/" + file.split(separator: "/").dropLast().joined(separator: "/")
        return try PluginManifest(settings, folder: folder, codeVersion: PluginFolder.codeVersion(of: folder))
    }

    func surroundings(_ processes: any ProcessLauncher = Place.processes) -> Surroundings {
        let redactor = Redactor()
        return Surroundings(
            transport: ScriptedTransport([]),
            secrets: GivenSecrets(redactor: redactor),
            redactor: redactor,
            clock: SystemClock(),
            chance: { 0.5 },
            root: root,
            processes: processes
        )
    }

    /// What a step of the kind came to, and what it said.
    struct Made {
        var outcome: StepOutcome
        var lines: [LogLine]
        var parts: [SubStep]

        var success: StepSuccess? { if case .succeeded(let success) = outcome { success } else { nil } }
        var failure: StepFailure? { if case .failed(let failure) = outcome { failure } else { nil } }
    }

    func make(
        _ kind: String = "tried.make",
        asset: AssetKey = "semantic_model/sales",
        _ fields: [String: ConfigValue.Content] = [:],
        previous: Materialization? = nil,
        stop: StopSignal = StopSignal(),
        processes: any ProcessLauncher = Place.processes,
        onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Made {
        let entry = try #require(manifest[kind: kind])
        let lines = Mutex<[LogLine]>([])
        let parts = Mutex<[SubStep]>([])
        let step = StepContext(
            asset: asset,
            run: "run-1",
            attempt: 1,
            causes: [.neverMaterialized],
            extent: .whole,
            previous: previous,
            codeVersion: "1",
            deadline: nil,
            resuming: nil,
            connections: Connections(),
            surroundings: surroundings(processes),
            operations: NoOperations(),
            stop: stop,
            report: { _ in },
            progress: { part in parts.withLock { $0.append(part) } },
            log: { line in
                lines.withLock { $0.append(line) }
                onLine(line.message)
            }
        )
        let outcome = await PluginKind(manifest, entry, Self.settings(fields)).materialize(step)
        return Made(outcome: outcome, lines: lines.withLock { $0 }, parts: parts.withLock { $0 })
    }

    func context(previous: Observation? = nil) -> ProbeContext {
        let surroundings = surroundings()
        return ProbeContext(
            connections: Connections(),
            surroundings: surroundings,
            deadline: surroundings.clock.now + .seconds(60),
            previous: previous
        )
    }

    static func settings(_ fields: [String: ConfigValue.Content]) -> Settings {
        let origin = Origin(file: "assets/main.yaml")
        let entries = fields.sorted { $0.key < $1.key }.map {
            ConfigValue.Entry(key: $0.key, keyOrigin: origin, value: ConfigValue($0.value, at: origin))
        }
        return Settings(ConfigValue(.object(entries), at: origin))
    }
}

/// Knows `${env:GIVEN}` and `${secret:env/KEY}`.
struct GivenSecrets: Secrets {
    let redactor: Redactor

    func resolve(_ text: String) async throws(SecretError) -> String {
        if text.contains("${secret:env/KEY}") { redactor.learn("s3cretvalue") }
        return text.replacing("${env:GIVEN}", with: "given").replacing("${secret:env/KEY}", with: "s3cretvalue")
    }
    func variable(_ name: String) -> String? { name == "TMPDIR" ? NSTemporaryDirectory().trimmingSlash : nil }
}

struct NoOperations: OperationLog {
    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {}
    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] { [] }
}

let lastSuccess = Materialization(
    asset: "semantic_model/sales",
    version: "before",
    provenance: Provenance(codeVersion: "1", inputs: [Input("raw/orders"): "7"])
)
