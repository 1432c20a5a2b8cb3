/// One of the five fields of a cron expression.
enum CronField: CaseIterable {
    case minute
    case hour
    case dayOfMonth
    case month
    case weekday

    /// As a person calls it.
    var name: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day of the month"
        case .month: "month"
        case .weekday: "day of the week"
        }
    }

    /// The numbers that it takes; of the weekdays 0 and 7 are both Sunday.
    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .weekday: 0...7
        }
    }

    /// The numbers that `*` and `H` stand for: each value once.
    var whole: ClosedRange<Int> { self == .weekday ? 0...6 : range }

    /// The largest number that `H` may choose: a day that each month has.
    var spread: ClosedRange<Int> { self == .dayOfMonth ? 1...28 : whole }

    /// The three letters that stand for a number, in the order of the numbers from the first one on.
    var names: [String] {
        switch self {
        case .minute, .hour, .dayOfMonth: []
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        }
    }
}

/// A set of small numbers.
struct CronSet: Hashable, Sendable {
    private var bits: UInt64 = 0

    var isEmpty: Bool { bits == 0 }

    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }

    /// The least member that is not below a number.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits >> UInt64(number)
        return rest == 0 ? nil : number + rest.trailingZeroBitCount
    }
}
