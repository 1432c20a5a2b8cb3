public import FreshetCore

/// Reads the version of something outside Freshet, without changing it.
///
/// A probe is also its own configuration: one value per asset. To add one, write one file that conforms, and add its
/// type to the target's `Catalog.swift`.
public protocol Probe: Configurable {
    init(from settings: Settings) throws(Diagnostic)

    /// What its signals miss, and what moves them for nothing.
    var caveats: Caveats { get }

    /// Looks once.
    ///
    /// - Returns: a known version; `.missing` when the thing does not exist; `.unknown` with a message when it exists
    ///   but has no readable version.
    /// - Throws: any error of the system behind it; the engine records the tick as failed, the version as unknown, and
    ///   looks again later.
    func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation

    /// Whether a hint is about what the probe looks at; one that names the asset itself always is, and is not asked.
    func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool

    /// How long one look may take; after that it counts as failed.
    var patience: Duration { get }
}

extension Probe {
    public var patience: Duration { .seconds(60) }

    public func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool { false }
}

extension Probe {
    public var caveats: Caveats { Caveats() }
}

/// A probe that goes on from where it stopped, such as in a long listing.
public protocol CursorProbe: Probe {
    /// Looks once.
    ///
    /// - Parameters:
    ///   - asset: what is looked at.
    ///   - cursor: what the last committed look returned; `nil` at the first. Opaque to the engine.
    ///   - context: as for ``Probe/observe(_:in:)``.
    /// - Returns: what was seen, and where the next look begins; both are committed together.
    /// - Throws: as ``Probe/observe(_:in:)``; the cursor stays then.
    func observe(
        _ asset: AssetKey,
        from cursor: String?,
        in context: ProbeContext
    ) async throws -> (observation: Observation, cursor: String?)
}

extension CursorProbe {
    public func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation {
        try await observe(asset, from: nil, in: context).observation
    }
}

/// What a probe may use.
public struct ProbeContext: Sendable {
    public var connections: Connections
    public var surroundings: Surroundings
    /// The latest moment at which an answer is still of use.
    public var deadline: Timestamp
    /// What was seen last of the asset and is on record; `nil` before the first look, and for a source.
    public var previous: Observation?
    /// Whether something said that there may be news, or a person asked; false when only the time has come.
    public var isHinted: Bool

    public init(
        connections: Connections,
        surroundings: Surroundings,
        deadline: Timestamp,
        previous: Observation? = nil,
        isHinted: Bool = false
    ) {
        self.connections = connections
        self.surroundings = surroundings
        self.deadline = deadline
        self.previous = previous
        self.isHinted = isHinted
    }
}
