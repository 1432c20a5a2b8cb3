import FreshetCore
import FreshetKit

/// What the version of a node is read from, where that is not the mere fact that dbt built it.
///
/// The nearest statement wins: `probe` of the node's asset, a node that the source names, what the dbt project says of it in
/// `meta.freshet.probe`, a pattern that its name fits (the last of several), what holds for its materialization.
struct DBTProbes: Sendable {
    /// What a node's version is.
    enum Rule: Sendable {
        /// The run that built it.
        case run
        /// The versions of what it reads: a view holds no data of its own.
        case parents
        /// Figures of its table.
        case figures(ConfigValue)
    }

    static let field = Field(
        "probes",
        .object([
            Field("connection", connectionShape, "The database that dbt builds in."),
            Field("every", .duration, "How often to look beside each time that dbt has built; never if not stated."),
            Field(
                "default",
                .map(rule),
                "By materialization (table, incremental, view, seed, snapshot, source): what the version of such nodes is."
            ),
            Field("nodes", .map(rule), "The same by a node's name in its key, or a pattern with * and ?."),
        ]),
        "What a node's version is read from in the database, so that a rebuild that changed nothing is none."
    )
    /// Whatever `sql.table` can look through.
    private static let connectionShape =
        SQLTableProbe.fields.first { $0.name == "connection" }?.shape ?? .connection([PostgresConnection.name])
    private static let rule = Shape.anyOf([
        .boolean, .oneOrMore(.text),
        .object([
            Field("change", .oneOrMore(.text), "The figures, as of sql.table."),
            Field("connection", connectionShape, "The database, where it is another."),
            Field("data_time", .text, "How to read the data's own time, as of sql.table."),
            Field("table", .text, "The table, where it is not the one that the manifest names."),
            Field("timeout", .duration, "The longest that one look may take."),
        ]),
    ])
    private static let parentsWord = "parents"

    static let assetField = Field(
        "probe",
        rule,
        altersWork: false,
        "What the node's version is read from in its table: figures as of sql.table, parents, or false for the run alone."
    )

    let every: Duration?
    private(set) var isStated: Bool
    private let connection: ConfigValue?
    private let defaults: [String: Rule]
    private var exact: [String: Rule]
    private let patterns: [(pattern: ArtifactPattern, rule: Rule)]

    init(from settings: Settings) throws(Diagnostic) {
        isStated = settings.has("probes")
        let probes = settings.object("probes")
        every = try probes.duration("every")
        if let every, every <= .zero {
            throw Diagnostic("'every' has to be longer than nothing", at: probes.origin(of: "every"))
        }
        connection = probes.value["connection"]
        var defaults: [String: Rule] = [:]
        for (name, value) in probes.map("default") { defaults[name] = try Self.rule(value.value, connection) }
        self.defaults = defaults
        var exact: [String: Rule] = [:]
        var patterns: [(ArtifactPattern, Rule)] = []
        for (name, value) in probes.map("nodes") {
            let rule = try Self.rule(value.value, connection)
            let pattern = ArtifactPattern(name)
            if pattern.isPattern { patterns.append((pattern, rule)) } else { exact[name] = rule }
        }
        (self.exact, self.patterns) = (exact, patterns.reversed())
    }

    /// The same, with what nodes carry themselves; by their names.
    func adding(_ stated: [String: ConfigValue]) throws(Diagnostic) -> DBTProbes {
        var probes = self
        probes.isStated = isStated || !stated.isEmpty
        for (name, value) in stated { probes.exact[name] = try Self.rule(value, connection) }
        return probes
    }

    /// What the version of a node of this name is; `stated` is `meta.freshet.probe` of the dbt project.
    func rule(for name: String, materialization: String?, stated: Texts?) -> Rule {
        if let rule = exact[name] { return rule }
        if let stated, !stated.texts.isEmpty {
            if stated.texts == [Self.parentsWord] { return .parents }
            let origin = connection?.origin ?? Origin(file: "manifest.json")
            return .figures(.list(stated.texts, at: origin))
        }
        if let rule = patterns.first(where: { $0.pattern.matches(name) })?.rule { return rule }
        if let rule = materialization.flatMap({ defaults[$0] }) { return rule }
        return isStated && materialization == "view" ? .parents : .run
    }

    func rule(of id: String, name: String, in project: DBTProject?) -> Rule {
        let node = project?.node(id)
        let stated = node?.config?.meta?.value?.freshet?.value?.probe ?? node?.meta?.value?.freshet?.value?.probe
        return rule(for: name, materialization: project?.materialization(of: id), stated: stated?.value)
    }

    /// What is looked at in the node's table; `nil` where its version comes from elsewhere.
    func figures(of id: String, name: String, in project: DBTProject?) -> ConfigValue? {
        if case .figures(let figures) = rule(of: id, name: name, in: project) { figures } else { nil }
    }

    /// How long the slowest look at a table may take.
    var patience: Duration {
        let rules = Array(defaults.values) + exact.values + patterns.map(\.rule)
        let longest = rules.compactMap { rule -> Duration? in
            // Whatever is wrong with the figures was told when they were read.
            if case .figures(let figures) = rule {
                try? Self.probe(figures, connection, table: "t").patience
            } else {
                nil
            }
        }
        return longest.max() ?? .seconds(60)
    }

    /// The probe of a node's table.
    ///
    /// - Throws: ``Diagnostic`` where `figures` or the table's name cannot be used.
    func probe(_ figures: ConfigValue, table: String) throws(Diagnostic) -> SQLTableProbe {
        try Self.probe(figures, connection, table: table)
    }

    /// The connection that these figures are read through.
    func connection(of figures: ConfigValue) -> String? {
        if case .text(let name)? = (figures["connection"] ?? connection)?.content { name } else { nil }
    }

    // MARK: Reading

    private static func rule(_ value: ConfigValue, _ connection: ConfigValue?) throws(Diagnostic) -> Rule {
        switch value.content {
        case .boolean(false): return .run
        case .boolean(true):
            throw Diagnostic("'true' does not say what to look at", at: value.origin, hint: "write [row_count]")
        case .text(parentsWord): return .parents
        case .list(let items) where items.map(\.content) == [.text(parentsWord)]: return .parents
        default:
            // Whatever is wrong with the figures is told when the project loads, and of the place where they stand.
            _ = try probe(value, connection, table: "t")
            return .figures(value)
        }
    }

    private static func probe(
        _ figures: ConfigValue,
        _ connection: ConfigValue?,
        table: String
    ) throws(Diagnostic) -> SQLTableProbe {
        var entries: [ConfigValue.Entry] = []
        if case .object(let stated) = figures.content {
            entries = stated
        } else {
            entries = [ConfigValue.Entry(key: "change", keyOrigin: figures.origin, value: figures)]
        }
        func add(_ key: String, _ value: ConfigValue?) {
            guard let value, !entries.contains(where: { $0.key == key }) else { return }
            entries.append(ConfigValue.Entry(key: key, keyOrigin: value.origin, value: value))
        }
        add("connection", connection)
        add("table", ConfigValue(.text(table), at: figures.origin))
        guard entries.contains(where: { $0.key == "connection" }) else {
            throw Diagnostic(
                "there is no connection to look through",
                at: figures.origin,
                hint: "add 'connection:' to 'probes', the database that dbt builds in"
            )
        }
        return try SQLTableProbe(from: Settings(ConfigValue(.object(entries), at: figures.origin)))
    }
}

extension ConfigValue {
    fileprivate static func list(_ texts: [String], at origin: Origin) -> ConfigValue {
        ConfigValue(.list(texts.map { ConfigValue(.text($0), at: origin) }), at: origin)
    }
}
