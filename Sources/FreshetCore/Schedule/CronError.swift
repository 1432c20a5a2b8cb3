/// Why a text is no cron expression.
public enum CronError: Error, Hashable, Sendable {
    /// Neither five fields nor an alias; `found` counts what stands there.
    case wrongCount(found: Int)
    /// Six fields: an expression with seconds, or with years.
    case sixFields
    /// An alias such as `@reboot` that is none of ours.
    case unknownAlias(String)
    /// A piece that is neither a number nor a name of its field.
    case notANumber(String, field: String)
    case outOfRange(String, field: String, range: ClosedRange<Int>)
    /// The first number of a range is the greater one.
    case reversed(String, field: String)
    /// A step of nothing, or none after the stroke.
    case badStep(String, field: String)
    /// `L`, `LW`, `#` or `W` where it means nothing.
    case misplaced(String, field: String)
    /// No moment within fifty years is meant by it.
    case never(String)
}

extension CronError: CustomStringConvertible {
    /// What is wrong and what to write, without the place.
    public var description: String {
        switch self {
        case .wrongCount(let found):
            "a cron expression has five fields (minute, hour, day of the month, month, day of the week), not \(found)"
        case .sixFields:
            "a cron expression has five fields here, not six: seconds and years mean nothing for refreshes; "
                + "leave the first field out if it is seconds, the last if it is years"
        case .unknownAlias("@reboot"):
            "'@reboot' is not known here: nothing is refreshed because a machine started; "
                + "write @hourly, @daily, @midnight, @weekly, @monthly, @quarterly, @yearly or @annually"
        case .unknownAlias(let text):
            "'\(text)' is not known; write @hourly, @daily, @midnight, @weekly, @monthly, @quarterly, @yearly or "
                + "@annually, or five fields"
        case .notANumber(let text, let field): "'\(text)' is no \(field)"
        case .outOfRange(let text, let field, let range):
            "'\(text)' is no \(field): it has to be \(range.lowerBound) to \(range.upperBound)"
        case .reversed(let text, let field):
            "the \(field) range '\(text)' runs backwards; write it in two pieces, such as '22-23,0-2'"
        case .badStep(let text, let field): "the \(field) step '\(text)' has to be a whole number of 1 or more"
        case .misplaced(let text, let field):
            "'\(text)' means nothing as a \(field); L and LW are days of the month, 5L (the last Friday) "
                + "and 5#2 (the second; # goes from 1 to 5) days of the week"
        case .never(let text): "'\(text)' never comes: there is no such day within fifty years"
        }
    }
}
