public import FreshetCore

/// Looks at something again and again, and says what it saw.
public protocol Sensor: Sendable {
    /// - Throws: any error of the system behind it; the tick is recorded as failed and the cursor stays.
    func tick(_ context: SensorContext) async throws -> SensorReading

    /// Whether a hint is about something that a look would see.
    func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool

    /// How long one look may take; after that it counts as failed.
    var patience: Duration { get }
}

extension Sensor {
    public var patience: Duration { .seconds(60) }

    public func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool { false }
}

public struct SensorContext: Sendable {
    /// What the last committed tick returned; `nil` on the first.
    public var cursor: String?
    public var probe: ProbeContext

    public init(cursor: String?, probe: ProbeContext) {
        self.cursor = cursor
        self.probe = probe
    }
}

public struct SensorReading: Sendable {
    /// Committed together with the observations; opaque to the engine.
    public var cursor: String?
    /// Only what was looked at; an asset that is not named keeps its last observation.
    public var observations: [AssetKey: Observation]
    /// One sentence on what was seen.
    public var message: String

    public init(cursor: String? = nil, observations: [AssetKey: Observation], message: String = "") {
        self.cursor = cursor
        self.observations = observations
        self.message = message
    }
}
