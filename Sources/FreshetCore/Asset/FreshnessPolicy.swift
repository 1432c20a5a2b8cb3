/// How old the data that a report shows may be, and by when.
///
/// It is about the age of the data, never about when a refresh last ran; see ``FreshnessState``.
public struct FreshnessPolicy: Hashable, Sendable {
    /// A time of day by which the data has to be young enough; `nil` asks for it at every moment.
    public var by: Deadline?
    /// The greatest age of the data; with a deadline and no age, the data has to be of the deadline's own day.
    public var maxDataAge: Duration?

    public struct Deadline: Hashable, Sendable {
        /// Minutes after local midnight, 0 to 1439.
        public var minuteOfDay: Int
        /// The days it applies to, 1 (Monday) to 7 (Sunday).
        public var weekdays: Set<Int>
        /// An IANA zone such as `Europe/Berlin`.
        public var timeZone: String

        public init(minuteOfDay: Int, weekdays: Set<Int> = Set(1...7), timeZone: String = "UTC") {
            self.minuteOfDay = minuteOfDay
            self.weekdays = weekdays
            self.timeZone = timeZone
        }
    }

    public init(by: Deadline? = nil, maxDataAge: Duration? = nil) {
        self.by = by
        self.maxDataAge = maxDataAge
    }
}
