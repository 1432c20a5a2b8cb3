import FreshetCore

/// One value of a row.
enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    /// `written` keeps every digit that the database gave.
    case number(Double, written: String)
    case text(String)
    /// A date, or a date with time; `written` in ISO 8601.
    case moment(Timestamp, written: String)

    /// The value for a condition and for evidence; `nil` when there is none.
    var observed: ObservedValue? {
        switch self {
        case .null: nil
        case .integer(let value): .integer(value)
        case .number(let value, _): .number(value)
        case .text(let text): .text(text)
        case .moment(_, let written): .text(written)
        }
    }

    /// Unambiguous within a fingerprint: no two values are written alike, and no separator stands in one.
    var canonical: String {
        switch self {
        case .null: "null"
        case .integer(let value): String(value)
        case .number(_, let written), .moment(_, let written): written
        case .text("null"): "%6Eull"
        case .text(let text):
            text.replacing("%", with: "%25").replacing(";", with: "%3B").replacing("=", with: "%3D")
        }
    }

    /// The moment that the value stands for: a date or time in UTC where it names no zone, or seconds since 1970.
    var timestamp: Timestamp? {
        switch self {
        case .moment(let timestamp, _): timestamp
        case .text(let text): MomentText(text)?.timestamp
        case .integer(let seconds): Self.timestamp(Double(seconds))
        case .number(let seconds, _): Self.timestamp(seconds)
        case .null: nil
        }
    }

    /// From the year 1 to the year 9999; milliseconds or nanoseconds since 1970 are far behind that.
    private static func timestamp(_ seconds: Double) -> Timestamp? {
        let milliseconds = (seconds * 1000).rounded()
        let range = MomentText.milliseconds
        guard milliseconds >= Double(range.lowerBound), milliseconds < Double(range.upperBound) else { return nil }
        return Timestamp(milliseconds: Int64(milliseconds))
    }

    /// The moment that the value stands for, where it is to be one.
    ///
    /// - Parameter name: what was read, for the error.
    /// - Returns: `nil` for NULL, and for a moment without end.
    /// - Throws: ``SQLError/refused(code:message:)`` for a value that is not a time.
    func dataTime(_ name: String) throws(SQLError) -> Timestamp? {
        if let timestamp { return timestamp }
        switch self {
        case .null, .text("infinity"), .text("-infinity"): return nil
        case .integer, .number, .text, .moment:
            throw .refused(
                code: "none",
                message: """
                    \(name) is \(canonical.prefix(40)), which is not a time between the years 1 and 9999; state for \
                    'data_time' a date, a timestamp, or seconds since 1970
                    """
            )
        }
    }
}
