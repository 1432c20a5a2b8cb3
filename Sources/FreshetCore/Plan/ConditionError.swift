/// Why a text is not a condition.
public struct ConditionError: Error, Hashable, Sendable {
    /// What is wrong, as data.
    public enum Reason: Hashable, Sendable {
        /// Something else stands there; `found` is empty at the end of the text.
        case expected([String], found: String)
        case nestedTooDeep(limit: Int)
        /// No 64-bit integer or no finite decimal.
        case numberOutOfRange(String)
        case unclosedQuote
    }

    /// What is wrong.
    public var reason: Reason
    /// Where it stands, in Unicode scalars from the beginning of the text, as libyaml counts columns.
    public var offset: Int
    /// The right text that is nearest to the one that stands there.
    public var nearest: String?

    /// A mistake at an offset in Unicode scalars.
    public init(_ reason: Reason, at offset: Int, nearest: String? = nil) {
        self.reason = reason
        self.offset = offset
        self.nearest = nearest
    }
}

extension ConditionError: CustomStringConvertible {
    /// One line: what, where, and what was meant.
    public var description: String {
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
        return "\(reason) at character \(offset + 1)\(hint)"
    }
}

extension ConditionError.Reason: CustomStringConvertible {
    /// What is wrong, without the place.
    public var description: String {
        switch self {
        case .expected(let wanted, ""): "expected \(wanted.alternatives), but the condition ends"
        case .expected(let wanted, let found): "expected \(wanted.alternatives), found '\(found)'"
        case .nestedTooDeep(let limit): "the condition is nested more than \(limit) levels deep"
        case .numberOutOfRange(let number): "the number '\(number)' is out of range"
        case .unclosedQuote: "the quotation is not closed that begins"
        }
    }
}
