import Foundation
import Testing

/// A copy of one of the projects under `Projects/`, and `freshet` at work in it.
struct Project: Sendable {
    let folder: String
    var environment: [String: String]
    private let owner: TemporaryFolder
    /// What has to live as long as the project is used.
    private var companion: Emulator?

    init(_ name: String, with emulator: Emulator) throws {
        try self.init(name, environment: emulator.environment)
        companion = emulator
    }

    init(_ name: String, environment: [String: String] = [:]) throws {
        owner = try TemporaryFolder()
        folder = owner.path + "/" + name
        self.environment = environment
        try FileManager.default.copyItem(atPath: "\(Place.tests)/Projects/\(name)", toPath: folder)
    }

    /// Runs `freshet` with these arguments to its end.
    func freshet(_ arguments: String..., within limit: Duration = .seconds(60)) async throws -> Outcome {
        try await freshet(arguments, within: limit)
    }

    func freshet(_ arguments: [String], within limit: Duration = .seconds(60)) async throws -> Outcome {
        try await start(arguments).ended(within: limit)
    }

    /// Starts `freshet` with these arguments.
    func start(_ arguments: String...) throws -> Running { try start(arguments) }

    private func start(_ arguments: [String]) throws -> Running {
        try Running([Place.binary] + arguments, in: folder, environment: environment)
    }

    /// What `freshet … --json` says.
    func ask(_ arguments: String...) async throws -> JSON {
        try await freshet(arguments + ["--json"]).expect().json
    }

    /// The daemon, once it answers.
    func up() async throws -> Running {
        let daemon = try start("up", "--listen", "off")
        try await until("the daemon") { daemon.errors.contains(" is up: ") }
        return daemon
    }

    /// How each asset stands, in one word.
    func states() async throws -> [String: String] {
        let assets = try await ask("status")["assets"].list
        return Dictionary(uniqueKeysWithValues: assets.map { ($0["asset"].text ?? "", $0["state"].text ?? "") })
    }

    /// The newest decision on an asset.
    func why(_ asset: String) async throws -> JSON { try await ask("why", asset)["decisions"][0] }

    /// Replaces a text in one of the project's files, which has to be there.
    func replace(_ text: String, with other: String, in file: String) throws {
        let path = folder + "/" + file
        let content = try String(contentsOfFile: path, encoding: .utf8)
        guard content.contains(text) else { throw Late(what: "'\(text)' in \(file)", saw: content) }
        try content.replacing(text, with: other).write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Does SQL in the project's SQLite warehouse.
    func warehouse(_ sql: String) async throws {
        let script = "import sqlite3, sys; c = sqlite3.connect('warehouse.db'); c.executescript(sys.argv[1]); c.close()"
        try await Running([Place.python ?? "python3", "-c", script, sql], in: folder).ended().expect()
    }

    /// The project `shop`, its warehouse and an emulator.
    static func shop(duration: Double = 0.2) async throws -> (Project, Emulator) {
        let emulator = try await Emulator(duration: duration)
        let shop = try Project("shop", with: emulator)
        try await shop.warehouse(try String(contentsOfFile: shop.folder + "/warehouse.sql", encoding: .utf8))
        return (shop, emulator)
    }

    /// A new row in a table of the shop's warehouse.
    func addRow(to table: String, at time: String) async throws {
        try await warehouse("insert into \(table) values (9, '\(time)');")
    }
}
