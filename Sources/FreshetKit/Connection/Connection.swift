/// Anything that a definition file can name by its kind and describe by fields.
public protocol Configurable: Sendable {
    /// The name used in definition files, such as `s3.object`.
    static var name: String { get }
    /// One sentence for `freshet schema` and the reference.
    static var summary: String { get }
    static var fields: [Field] { get }
    /// YAML mappings that must load; the tests load them.
    static var examples: [String] { get }
}

/// A system that assets share, such as a warehouse: one value a connection of the project, for the life of the process.
public protocol Connection: Configurable {
    init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic)

    /// How often it may call its system; `nil` where nothing paces its calls.
    ///
    /// A connection that has one asks it before each call, and tells it of each that was throttled: the engine then
    /// begins nothing more on the connection, and reads no more into the failures of the attempts.
    var requests: RequestBudget? { get }
}

extension Connection {
    public var requests: RequestBudget? { nil }
}

/// The seams that connections work through.
public struct Surroundings: Sendable {
    public var transport: any HTTPTransport
    public var secrets: any Secrets
    public var redactor: Redactor
    public var clock: any EngineClock
    /// A uniform value in 0..<1.
    public var chance: @Sendable () -> Double
    /// The project's folder; relative paths in definitions start here.
    public var root: String
    /// Runs other programs.
    public var processes: any ProcessLauncher

    public init(
        transport: any HTTPTransport,
        secrets: any Secrets,
        redactor: Redactor,
        clock: any EngineClock,
        chance: @escaping @Sendable () -> Double,
        root: String,
        processes: any ProcessLauncher = NoProcesses()
    ) {
        self.transport = transport
        self.secrets = secrets
        self.redactor = redactor
        self.clock = clock
        self.chance = chance
        self.root = root
        self.processes = processes
    }
}

/// The project's connections by name.
public struct Connections: Sendable {
    private let values: [String: any Connection]

    public init(_ values: [String: any Connection] = [:]) { self.values = values }

    /// - Throws: ``ConnectionError`` when there is none of that name, or it is of another kind.
    public func get<Wanted: Connection>(
        _ name: String,
        as type: Wanted.Type = Wanted.self
    ) throws(ConnectionError) -> Wanted {
        guard let value = values[name] else { throw .unknown(name) }
        guard let wanted = value as? Wanted else {
            throw .wrongKind(name, is: Swift.type(of: value).name, expected: Wanted.name)
        }
        return wanted
    }

    /// Any connection by name, for kinds that accept several.
    public subscript(name: String) -> (any Connection)? { values[name] }
}

public enum ConnectionError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknown(String)
    case wrongKind(String, is: String, expected: String)

    public var description: String {
        switch self {
        case .unknown(let name): "there is no connection '\(name)'"
        case .wrongKind(let name, let kind, let expected):
            "the connection '\(name)' is of the kind \(kind), not \(expected)"
        }
    }
}
