import Foundation
import Testing

/// One test's retailer: a database, a dbt project that was built in it, a Freshet project, an emulator.
struct Retail: Sendable {
    @TaskLocal static var base: RetailBase?

    let freshet: Project
    let emulator: Emulator
    private let project: Project
    private let base: RetailBase
    private let database: String
    private let postsBefore: Int

    /// Opens one where Freshet has never run if it is fresh, else one whose two models are up to date.
    static func open(isFresh: Bool = false, project name: String = "retail") async throws -> Retail {
        let base = try #require(Retail.base)
        let database = "t" + UUID().uuidString.prefix(8).lowercased()
        try await base.server.query("create database \(database) template base", in: "postgres")
        let project = try base.copy(for: database)
        let emulator = try await Emulator()
        var freshet = try Project(name, with: emulator)
        freshet.environment.merge(project.environment) { own, _ in own }
        freshet.environment["RETAIL_DBT"] = project.folder
        freshet.environment["RETAIL_DBT_PROGRAM"] = (Place.venv ?? "") + "/bin/dbt"
        freshet.environment["RETAIL_ARTIFACTS"] = project.folder + "/target"
        freshet.environment["WAREHOUSE_URL"] = base.server.url(of: database)
        if !isFresh { try await freshet.freshet("run", "kind:powerbi.semantic_model").expect() }
        return Retail(
            freshet: freshet,
            emulator: emulator,
            project: project,
            base: base,
            database: database,
            postsBefore: try await emulator.posts().count
        )
    }

    func dbt(_ arguments: String..., status: Int32 = 0) async throws { try await dbt(arguments, status: status) }

    func dbt(_ arguments: [String], status: Int32 = 0) async throws { try await project.dbt(arguments, status: status) }

    /// Replaces a text in one of the files of the dbt project.
    func edit(_ file: String, _ text: String, _ other: String) throws {
        try project.replace(text, with: other, in: file)
    }

    func sql(_ sql: String) async throws { try await base.server.query(sql, in: database) }

    /// A sale that the shops deliver; dbt has not seen it yet.
    func sell(at time: String) async throws { try await sql("insert into raw.sales values (100, 1, 999, '\(time)')") }

    func postsSinceOpening() async throws -> [Emulator.Post] {
        Array(try await emulator.posts().dropFirst(postsBefore))
    }

    func states() async throws -> [String: String] { try await freshet.states() }

    /// How often the artifacts of dbt were looked at.
    func looks() async throws -> Int {
        try await freshet.ask("ticks", "dbt/retail", "--limit", "1000")["ticks"].list.compactMap { $0["count"].integer }
            .reduce(0, +)
    }
}

/// The state that every retailer starts from: dbt has built once in a database that serves as a template.
struct RetailBase: Sendable {
    let server: PostgreSQL
    private let project: Project

    static func make() async throws -> RetailBase {
        let server = try await PostgreSQL()
        do {
            try await server.query("create database base", in: "postgres")
            let project = try Project("dbt", environment: environment(server, "base"))
            let raw = try String(contentsOfFile: project.folder + "/raw.sql", encoding: .utf8)
            try await server.query(raw, in: "base")
            try await project.dbt(["build"])
            return RetailBase(server: server, project: project)
        } catch {
            try await server.stop()
            throw error
        }
    }

    /// The dbt project as it was left, for another database.
    func copy(for database: String) throws -> Project {
        let copy = try Project("dbt", environment: Self.environment(server, database))
        try FileManager.default.copyItem(atPath: project.folder + "/target", toPath: copy.folder + "/target")
        // The manifest says where each table is.
        for name in ["manifest.json", "run_results.json"] {
            let path = copy.folder + "/target/" + name
            let text = try String(contentsOfFile: path, encoding: .utf8)
                .replacing("\"database\": \"base\"", with: "\"database\": \"\(database)\"")
                .replacing("\\\"base\\\".", with: "\\\"\(database)\\\".")
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        return copy
    }

    private static func environment(_ server: PostgreSQL, _ database: String) -> [String: String] {
        [
            "RETAIL_PG_HOST": server.folder, "RETAIL_PG_USER": PostgreSQL.user,
            "RETAIL_PG_PASSWORD": PostgreSQL.password, "RETAIL_PG_DATABASE": database,
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_USE_COLORS": "false", "DBT_VERSION_CHECK": "false",
        ]
    }
}

extension Project {
    /// Runs dbt in this folder; `status` is what it has to end with.
    fileprivate func dbt(_ arguments: [String], status: Int32 = 0) async throws {
        let program = try #require(Place.venv) + "/bin/dbt"
        try await Running([program] + arguments, in: folder, environment: environment).ended(within: .seconds(240))
            .expect(status)
    }
}

/// Sets up the base of all retailers around a suite, and takes it down after.
struct RetailTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let base = try await RetailBase.make()
        let result: Result<Void, any Error>
        do { result = .success(try await Retail.$base.withValue(base) { try await function() }) } catch {
            result = .failure(error)
        }
        try await base.server.stop()
        try result.get()
    }
}

extension Trait where Self == RetailTrait {
    static var retail: Self { RetailTrait() }
}
