/// What the text of a column stands for.
///
/// - SeeAlso: PostgreSQL source, `pg_type.dat`, for the numbers of the built-in types.
enum PostgresType {
    case integer
    case number
    case moment
    case other

    init(_ number: UInt32) {
        switch number {
        case 20, 21, 23: self = .integer
        case 700, 701, 1700: self = .number
        case 1082, 1114, 1184: self = .moment
        default: self = .other
        }
    }

    /// The value; text where the type has words of its own, such as `NaN` and `infinity`.
    func value(_ text: String) -> SQLValue {
        switch self {
        case .integer: Int64(text).map { .integer($0) } ?? .text(text)
        case .number: Double(text).flatMap { $0.isFinite ? .number($0, written: text) : nil } ?? .text(text)
        case .moment: MomentText(text).map { .moment($0.timestamp, written: $0.written) } ?? .text(text)
        case .other: .text(text)
        }
    }
}
