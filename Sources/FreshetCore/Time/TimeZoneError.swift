/// Why bytes are no usable time zone.
public enum TimeZoneError: Error, Hashable, Sendable {
    /// The counts, indices or times of the file contradict each other.
    case inconsistent
    /// The file counts leap seconds (`right/…`), and a ``Timestamp`` does not.
    case leapSeconds
    /// The bytes do not begin like a compiled time zone.
    case notTZif
    /// The rule for the future, as it stands in the file, is no POSIX TZ string.
    case invalidRule(String)
    /// The file ends before its header says.
    case truncated
}
