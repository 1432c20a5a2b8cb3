import Foundation

/// Where the things are that these tests use: the program, their data, what else has to be installed.
enum Place {
    /// The folder with `Package.swift`.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .path
    static let tests = root + "/Tests/EndToEndTests"
    static let temporary = environment["TMPDIR"].map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 } ?? "/tmp"
    private static let environment = ProcessInfo.processInfo.environment

    /// The program under test.
    static let binary = environment["FRESHET_BINARY"] ?? root + "/.build/debug/freshet"

    /// A Python with dbt-core, moto and botocore; `nil` where `scripts/setup tests` has not made it.
    static let venv: String? = {
        let folder = environment["FRESHET_VENV"] ?? root + "/.build/venv"
        return FileManager.default.isExecutableFile(atPath: folder + "/bin/dbt") ? folder : nil
    }()

    /// A Python with dagster-powerbi; `nil` where `scripts/setup tests` has not made it.
    static let dagster = interpreter("venv-dagster")
    /// A Python with Airflow's provider for Azure; `nil` where `scripts/setup clients` has not made it.
    static let airflow = interpreter("venv-airflow")
    /// The folder of Microsoft's own descriptions and examples; `nil` where it was not given.
    static let fixtures = environment["FRESHET_FIXTURES"]

    private static func interpreter(_ name: String) -> String? {
        let path = root + "/.build/" + name + "/bin/python"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// Any Python with nothing but its own library.
    static let python: String? = [venv.map { $0 + "/bin/python" }, "/usr/bin/python3", "/usr/local/bin/python3"]
        .compactMap { $0 }.first { FileManager.default.isExecutableFile(atPath: $0) }

    /// The newest PostgreSQL that the distribution installed; `nil` for none.
    static let postgres: String? = {
        let parent = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        return versions.compactMap { Int($0) }.sorted().last.map { "\(parent)/\($0)/bin" }
    }()

    /// Whether the program is there; without it nothing can be tried.
    static let hasProgram = FileManager.default.isExecutableFile(atPath: binary)
    static let hasPython = hasProgram && python != nil
    static let hasVenv = hasProgram && venv != nil
    static let hasWarehouse = hasVenv && postgres != nil

    /// What a process is given besides what a test states: no setting of whoever runs the tests gets in.
    static let plainEnvironment: [String: String] = [
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": temporary, "LANG": "C.UTF-8",
        "COLUMNS": "80", "NO_COLOR": "1",
    ]
}

/// A folder that goes away with the last who holds it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = Place.temporary + "/freshet-e2e-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    // What cannot be removed stays in the system's temporary folder.
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
