public import FreshetCore

/// How far a schedule has been answered.
public struct ScheduleRecord: Hashable, Sendable {
    /// Unique in the project: the asset's key, and which of its schedules.
    public var name: String
    /// ``Schedule/definition``; another one begins anew.
    public var definition: String
    /// Slots up to this moment are answered, or were never asked for.
    public var answeredThrough: Timestamp

    public init(name: String, definition: String, answeredThrough: Timestamp) {
        self.name = name
        self.definition = definition
        self.answeredThrough = answeredThrough
    }
}
