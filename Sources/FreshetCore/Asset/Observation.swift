/// How the work behind an observed asset ended, as far as its owner says.
public enum Health: String, Hashable, Sendable {
    case ok
    /// Holds everything that depends on the asset.
    case failed
    /// Nobody said. Holds nothing.
    case unknown
}

/// How far a signal can be trusted to move when, and only when, the data does.
public enum Strength: String, Hashable, Sendable {
    /// Moves with every change of the data.
    case exact
    /// Misses only changes that hardly happen.
    case probable
    /// Misses changes that do happen.
    case heuristic
}

/// One value that a probe read, for conditions and for the evidence of a decision.
public enum ObservedValue: Hashable, Sendable, CustomStringConvertible {
    case integer(Int64)
    case number(Double)
    case text(String)

    public var description: String {
        switch self {
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .text(let value): value
        }
    }
}

/// One look at an asset that Freshet did not change.
public struct Observation: Hashable, Sendable {
    public var version: VersionState
    public var health: Health
    /// What was looked at, such as `row_count, max(updated_at)` or `etag`.
    public var signal: String
    public var strength: Strength
    /// What was read, by name.
    public var values: [String: ObservedValue]
    /// The data's own time, where the asset declares how to read it; not the time of the look.
    public var dataTime: Timestamp?
    /// When the look began.
    public var observedAt: Timestamp?
    /// Why the version is unknown or the health failed, in the words of the system behind it.
    public var message: String?
    /// The statement, or the address, as it was sent; at most 2,000 characters, and never with a secret.
    public var query: String?
    /// The connection that was asked, by its name in the project.
    public var source: String?
    public var cost: ProbeCost?

    public init(
        _ version: VersionState,
        health: Health = .ok,
        signal: String = "",
        strength: Strength = .exact,
        values: [String: ObservedValue] = [:],
        dataTime: Timestamp? = nil,
        observedAt: Timestamp? = nil,
        message: String? = nil,
        query: String? = nil,
        source: String? = nil,
        cost: ProbeCost? = nil
    ) {
        self.version = version
        self.health = health
        self.signal = signal
        self.strength = strength
        self.values = values
        self.dataTime = dataTime
        self.observedAt = observedAt
        self.message = message
        self.query = query
        self.source = source
        self.cost = cost
    }

    public static func known(_ version: DataVersion, health: Health = .ok) -> Observation {
        Observation(.known(version), health: health)
    }

    /// Looked, and could not tell.
    public static let unknown = Observation(.unknown)
}
