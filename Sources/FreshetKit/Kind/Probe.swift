public import FreshetCore

/// Reads the version of something outside Freshet, without changing it.
///
/// A probe is also its own configuration: one value per asset. To add one, write one file that conforms, and add its
/// type to the target's `Catalog.swift`.
public protocol Probe: Configurable {
    init(from settings: Settings) throws(Diagnostic)

    /// Looks once.
    ///
    /// - Returns: a known version; `.missing` when the thing does not exist; `.unknown` with a message when it exists
    ///   but has no readable version.
    /// - Throws: any error of the system behind it; the engine records the tick as failed, the version as unknown, and
    ///   looks again later.
    func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation

    /// Whether a hint is about what the probe looks at; one that names the asset itself always is, and is not asked.
    func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool
}

extension Probe {
    public func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool { false }
}

/// What a probe may use.
public struct ProbeContext: Sendable {
    public var connections: Connections
    public var surroundings: Surroundings
    /// The latest moment at which an answer is still of use.
    public var deadline: Timestamp

    public init(connections: Connections, surroundings: Surroundings, deadline: Timestamp) {
        self.connections = connections
        self.surroundings = surroundings
        self.deadline = deadline
    }
}
