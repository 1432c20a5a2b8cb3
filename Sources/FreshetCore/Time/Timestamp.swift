/// A moment, in milliseconds since 1970-01-01T00:00:00Z without leap seconds.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    /// Before the year 1 and after the year 9999 it is their first or last moment; what is no number is 1970.
    public init(seconds: Double) {
        let limited = min(max(seconds, Self.years.lowerBound), Self.years.upperBound)
        milliseconds = seconds.isNaN ? 0 : Int64((limited * 1000).rounded())
    }

    /// The seconds of the years 1 to 9999: what ISO 8601 has four digits for.
    public static let years = -62_135_596_800.0...253_402_300_799.0

    public var seconds: Double { Double(milliseconds) / 1000 }

    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool { lhs.milliseconds < rhs.milliseconds }

    public static func + (lhs: Timestamp, rhs: Duration) -> Timestamp {
        Timestamp(milliseconds: lhs.milliseconds + rhs.inMilliseconds)
    }

    public static func - (lhs: Timestamp, rhs: Duration) -> Timestamp {
        Timestamp(milliseconds: lhs.milliseconds - rhs.inMilliseconds)
    }

    /// How long after `rhs` this moment is; negative when it is before.
    public static func - (lhs: Timestamp, rhs: Timestamp) -> Duration {
        .milliseconds(lhs.milliseconds - rhs.milliseconds)
    }
}

extension Duration {
    public var inMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
    public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
