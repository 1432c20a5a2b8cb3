public import FreshetCore

/// Everything that a project's files say, loaded, merged and found right.
public struct Project: Sendable {
    public var name: String
    /// The folder of `freshet.yaml`, absolute.
    public var root: String
    /// An IANA zone.
    public var timeZone: String
    /// The store's path or URL as written, with `root` put before a relative path.
    public var store: String
    public var environment: String?
    public var mode: Mode
    public var secretBackends: [SecretBackendDefinition]
    public var connections: [ConnectionDefinition]
    public var sources: [SourceDefinition]
    public var hints: [HintSourceDefinition]
    /// Who may push hints, in the order of their names.
    public var hooks: [HookDefinition]
    /// What each pool lets through.
    public var pools: [String: Budget.Limits]
    /// Where the daemon's API listens beside its socket, such as `127.0.0.1:8640`; `nil` where the files do not say.
    public var listen: String?
    /// How the server is reached and who signs in there, as the files state it; `nil` where they do not.
    public var server: Settings?
    public var assets: [AssetDefinition]
    public var graph: AssetGraph
    /// A hash of every file that was read and of the environment's name.
    public var configVersion: String
    /// The rules of every time zone that the files name.
    public var zones: [String: TimeZoneRules]

    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Decides and acts.
        case act
        /// Decides and posts nothing.
        case observe
    }

    public init(
        name: String,
        root: String,
        timeZone: String,
        store: String,
        environment: String?,
        mode: Mode,
        secretBackends: [SecretBackendDefinition] = [],
        connections: [ConnectionDefinition],
        sources: [SourceDefinition],
        hints: [HintSourceDefinition] = [],
        hooks: [HookDefinition] = [],
        pools: [String: Budget.Limits],
        listen: String? = nil,
        server: Settings? = nil,
        assets: [AssetDefinition],
        graph: AssetGraph,
        configVersion: String,
        zones: [String: TimeZoneRules] = [:]
    ) {
        self.name = name
        self.root = root
        self.timeZone = timeZone
        self.store = store
        self.environment = environment
        self.mode = mode
        self.secretBackends = secretBackends
        self.connections = connections
        self.sources = sources
        self.hints = hints
        self.hooks = hooks
        self.pools = pools
        self.listen = listen
        self.server = server
        self.assets = assets
        self.graph = graph
        self.configVersion = configVersion
        self.zones = zones
    }

    /// The rules of a zone; UTC for one that cannot be read: definitions were checked to name one that exists.
    public func zone(_ name: String) -> TimeZoneRules { zones[name] ?? .utc }
}

public struct ConnectionDefinition: Sendable {
    public var name: String
    public var type: any Connection.Type
    public var settings: Settings

    public init(name: String, type: any Connection.Type, settings: Settings) {
        self.name = name
        self.type = type
        self.settings = settings
    }
}

/// A backend of the section `secrets`.
public struct SecretBackendDefinition: Sendable {
    /// As references name it.
    public var name: String
    public var type: any SecretBackend.Type
    public var settings: Settings
    /// How long what it gave is kept in memory; five minutes at most.
    public var cache: Duration

    public init(name: String, type: any SecretBackend.Type, settings: Settings, cache: Duration) {
        self.name = name
        self.type = type
        self.settings = settings
        self.cache = cache
    }
}

extension ConfigValue {
    /// The name of the connection that an asset or a source states.
    fileprivate var connection: String? {
        if case .text(let name)? = self["connection"]?.content { name } else { nil }
    }
}

public struct SourceDefinition: Sendable {
    /// Unique in the project, such as `dbt/retail`.
    public var name: String
    public var source: any DefinitionSource
    public var settings: Settings
    /// The name of its recipe, such as `dbt`.
    public var kind: String

    /// A source; its kind is by default the name of its type.
    public init(name: String, source: any DefinitionSource, settings: Settings, kind: String? = nil) {
        self.name = name
        self.source = source
        self.settings = settings
        self.kind = kind ?? type(of: source).name
    }

    /// The connection that it reads through, where it has one.
    public var connection: String? { settings.value.connection }
}

/// One asset: what Core decides on, and what does its looking or its work.
public struct AssetDefinition: Sendable {
    public enum Work: Sendable {
        /// Looked at by its own probe.
        case probed(any Probe, every: Duration?)
        /// Looked at by the sensor of the source of that name.
        case sourced(String)
        case materialized(any AssetKind)
        case branch
    }

    public var spec: AssetSpec
    public var work: Work
    /// The effective settings, each value with its origin.
    public var settings: Settings

    public init(spec: AssetSpec, work: Work, settings: Settings) {
        self.spec = spec
        self.work = work
        self.settings = settings
    }

    /// The connection that its work goes through, where it has one.
    public var connection: String? { settings.value.connection }

    /// The budgets that an attempt of it is charged to, by the names that ``Budgets`` and the store use.
    public var budgets: [String] {
        [connection.map(BudgetRecord.connection), spec.policy.pool.map(BudgetRecord.pool)].compactMap { $0 }
    }
}

extension BudgetRecord {
    /// The name of a connection's budget.
    public static func connection(_ name: String) -> String { "connection:\(name)" }

    /// The name of a pool's budget.
    public static func pool(_ name: String) -> String { "pool:\(name)" }
}

/// Every kind of thing that definitions may name; each target lists its own in its `Catalog.swift`.
public struct Catalog: Sendable {
    public var kinds: [Recipe<any AssetKind>]
    public var probes: [Recipe<any Probe>]
    public var connections: [any Connection.Type]
    public var sources: [Recipe<any DefinitionSource>]
    public var hintSources: [any HintSource.Type]
    public var secretBackends: [any SecretBackend.Type]

    public init(
        kinds: [any AssetKind.Type] = [],
        probes: [any Probe.Type] = [],
        connections: [any Connection.Type] = [],
        sources: [any DefinitionSource.Type] = [],
        hintSources: [any HintSource.Type] = [],
        secretBackends: [any SecretBackend.Type] = []
    ) {
        self.kinds = kinds.map { Recipe($0) }
        self.probes = probes.map { Recipe($0) }
        self.connections = connections
        self.sources = sources.map { Recipe($0) }
        self.hintSources = hintSources
        self.secretBackends = secretBackends
    }

    public static func + (lhs: Catalog, rhs: Catalog) -> Catalog {
        var sum = lhs
        sum.kinds += rhs.kinds
        sum.probes += rhs.probes
        sum.connections += rhs.connections
        sum.sources += rhs.sources
        sum.hintSources += rhs.hintSources
        sum.secretBackends += rhs.secretBackends
        return sum
    }
}
