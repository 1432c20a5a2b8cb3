import FoundationEssentials
import FreshetConnectors
import FreshetCore
import FreshetKit
import Glibc

/// Where the story takes place: a folder with the project's own files, an emulator, a warehouse, a daemon.
final class Stage {
    let folder: String
    let emulator: DemoEmulator
    let warehouse: DemoWarehouse
    var artifacts: DemoArtifacts
    /// Where the daemon listens; `nil` for its socket alone.
    private let address: String?
    private let environment: [String: String]
    private let emulatorProcess: ChildProcess
    private var daemon: ChildProcess?

    static let sales = "powerbi/retail/sales"
    static let inventory = "powerbi/retail/inventory"

    static let margin = "powerbi/retail/margin"
    static let campaigns = "powerbi/retail/campaigns"

    /// - Parameters:
    ///   - project: the folder whose `freshet.yaml` and `assets/` are played.
    ///   - address: where the daemon listens; `nil` for its socket alone.
    /// - Returns: the stage, with its emulator running and no daemon yet.
    /// - Throws: ``DemoFailure`` or an error of the file system.
    static func set(project: String, listeningAt address: String?) async throws -> Stage {
        let folder = try temporaryFolder()
        try copy(project, to: folder)
        var environment = Wiring.environment
        for name in ["FRESHET_PROJECT", "FRESHET_ENV", "NO_COLOR", "COLUMNS"] { environment[name] = nil }
        let process = try await ChildProcess.start(
            ["emulator", "--refresh-duration", "1"],
            in: folder,
            environment: environment,
            log: folder + "/emulator.log"
        )
        let ready = try await readiness(of: process)
        environment["FRESHET_ENV"] = "demo"
        environment["WAREHOUSE_PATH"] = folder + "/warehouse.db"
        for (variable, path) in [
            ("POWERBI_TENANT_ID", "tenant_id"), ("POWERBI_CLIENT_ID", "client_id"),
            ("POWERBI_CLIENT_SECRET", "client_secret"), ("POWERBI_AUTHORITY_URL", "authority_url"),
            ("POWERBI_API_URL", "powerbi_url"),
        ] { environment[variable] = ready[path]?.text }
        environment["ARTIFACTS_ENDPOINT"] = ready["s3"]?["endpoint"]?.text
        environment["ARTIFACTS_ACCESS_KEY_ID"] = ready["s3"]?["access_key_id"]?.text
        environment["ARTIFACTS_SECRET_ACCESS_KEY"] = ready["s3"]?["secret_access_key"]?.text
        return try Stage(folder, environment, process, address, control: ready["control_url"]?.text ?? "")
    }

    /// `freshet.yaml` and `assets/` as files of this user: `copyItem` would give them their old owner, which only root may.
    private static func copy(_ project: String, to folder: String) throws {
        let files = FileManager.default
        let assets = try files.subpathsOfDirectory(atPath: project + "/assets").filter {
            $0.hasSuffix(".yaml") || $0.hasSuffix(".yml")
        }
        for name in ["freshet.yaml"] + assets.map({ "assets/" + $0 }) {
            guard let data = files.contents(atPath: "\(project)/\(name)") else {
                throw DemoFailure("\(project)/\(name) cannot be read")
            }
            let copy = URL(filePath: "\(folder)/\(name)")
            try files.createDirectory(at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: copy)
        }
    }

    private init(
        _ folder: String,
        _ environment: [String: String],
        _ process: ChildProcess,
        _ address: String?,
        control: String
    ) throws {
        self.folder = folder
        self.address = address
        self.environment = environment
        emulatorProcess = process
        emulator = try DemoEmulator(control: control)
        warehouse = try DemoWarehouse(path: folder + "/warehouse.db", now: Wiring.clock.now)
        artifacts = DemoArtifacts(try Self.bucket(environment, folder))
    }

    /// The bucket, as somebody who is not Freshet would open it.
    private static func bucket(_ environment: [String: String], _ folder: String) throws -> S3Connection {
        let origin = Origin(file: "demo")
        let settings: [(String, String?)] = [
            ("bucket", "dbt-artifacts"), ("region", "eu-central-1"), ("endpoint", environment["ARTIFACTS_ENDPOINT"]),
            ("access_key_id", environment["ARTIFACTS_ACCESS_KEY_ID"]),
            ("secret_access_key", environment["ARTIFACTS_SECRET_ACCESS_KEY"]),
        ]
        let entries = settings.compactMap { name, value in
            value.map { ConfigValue.Entry(key: name, keyOrigin: origin, value: ConfigValue(.text($0), at: origin)) }
        }
        let value = ConfigValue(.object(entries), at: origin)
        return try S3Connection(from: Settings(value), in: Wiring.surroundings(root: folder))
    }

    func startDaemon() async throws {
        daemon = try await ChildProcess.start(
            ["up"] + (address.map { ["--listen", $0] } ?? []),
            in: folder,
            environment: environment,
            log: folder + "/daemon.log"
        )
    }

    func killDaemon() async { await daemon?.end(SIGKILL) }

    /// Adds a file to the project, and has the daemon take it up.
    func add(_ file: String, _ text: String) async throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(file)"))
        await daemon?.end(SIGTERM)
        try await startDaemon()
    }

    /// Writes what a shell has to know to ask this daemon, for `.` to read.
    ///
    /// - Returns: the file's path.
    func writeEnvironment() throws -> String {
        let path = folder + "/environment"
        let names = environment.keys.filter { name in
            ["FRESHET_ENV", "WAREHOUSE_PATH"].contains(name)
                || ["POWERBI_", "ARTIFACTS_"].contains { name.hasPrefix($0) }
        }
        let lines = names.sorted().map { "export \($0)='\(environment[$0] ?? "")'\n" }
        try Data((lines.joined() + "export FRESHET_PROJECT='\(folder)'\n").utf8).write(to: URL(filePath: path))
        return path
    }

    /// Ends every process; keeps the folder when something went wrong.
    func strike(keeping isKept: Bool) async {
        await daemon?.end(SIGTERM)
        await emulatorProcess.end(SIGTERM)
        // What stays behind lies in the system's temporary folder.
        if !isKept { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// What `freshet …` says, as JSON.
    func ask(_ arguments: String...) async throws -> JSONValue {
        let answer = try await ChildProcess.ask(arguments + ["--json"], in: folder, environment: environment)
        guard answer.status == 0 else {
            throw DemoFailure("freshet \(arguments.joined(separator: " ")) ended with \(answer.status)")
        }
        return try JSONValue(parsing: answer.output)
    }

    /// Asks again and again until it holds.
    func wait(for what: String, within limit: Duration = .seconds(25), _ holds: () async throws -> Bool) async throws {
        let end = Wiring.clock.now + limit
        while true {
            // A question that fails may come too early: the store is made by the daemon.
            if (try? await holds()) == true { return }
            if let daemon, daemon.hasEnded { throw DemoFailure("the daemon ended: \(Self.lastLine(of: daemon.log))") }
            guard Wiring.clock.now < end else { throw DemoFailure("\(what): not within \(limit.briefly)") }
            try await Wiring.clock.sleep(for: .milliseconds(200))
        }
    }

    private static func lastLine(of log: String) -> String {
        let text = FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").last.map { String($0) } ?? "it said nothing"
    }

    private static func temporaryFolder() throws -> String {
        var template = Array("\(Wiring.environment["TMPDIR"] ?? "/tmp")/freshet-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw DemoFailure("no temporary folder can be made") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func readiness(of process: ChildProcess) async throws -> JSONValue {
        let end = Wiring.clock.now + .seconds(20)
        while Wiring.clock.now < end {
            let text =
                FileManager.default.contents(atPath: process.log).map { String(decoding: $0, as: UTF8.self) } ?? ""
            for line in text.split(separator: "\n") where line.hasPrefix("{") && line.hasSuffix("}") {
                return try JSONValue(parsing: String(line))
            }
            try await Wiring.clock.sleep(for: .milliseconds(50))
        }
        throw DemoFailure("the emulator was not ready in time; its log is \(process.log)")
    }
}
