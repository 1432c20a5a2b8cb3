/// Why a text is not a selection, or names what does not exist.
public struct SelectionError: Error, Hashable, Sendable {
    /// What is wrong, as data.
    public enum Reason: Hashable, Sendable {
        /// A number of steps that no graph can have.
        case depthOutOfRange(String)
        /// Something else stands there; `found` is empty at the end of the text.
        case expected([String], found: String)
        case nestedTooDeep(limit: Int)
        /// An attribute that Dagster selects by, and Freshet does not.
        case notSupported(attribute: String)
        case unclosedQuote
        case unknownAttribute(String)
        case unknownFunction(String)
        /// No asset of the graph has this key.
        case unknownKey(AssetKey)
        case unknownRole(String)
        /// Only a key may have a wildcard outside quotation marks.
        case wildcardOutsideKey(String)
    }

    /// What is wrong.
    public var reason: Reason
    /// Where it stands, in Unicode scalars from the beginning of the text.
    public var offset: Int
    /// The right word that is nearest to the one that stands there.
    public var nearest: String?

    /// A mistake at an offset in Unicode scalars.
    public init(_ reason: Reason, at offset: Int, nearest: String? = nil) {
        self.reason = reason
        self.offset = offset
        self.nearest = nearest
    }
}

extension SelectionError: CustomStringConvertible {
    /// One line: what, where, and what was meant.
    public var description: String {
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
        return "\(reason) at character \(offset + 1)\(hint)"
    }
}

extension SelectionError.Reason: CustomStringConvertible {
    /// What is wrong, without the place.
    public var description: String {
        switch self {
        case .depthOutOfRange(let number): "'\(number)' is too many steps"
        case .expected(let wanted, ""): "expected \(wanted.alternatives), but the selection ends"
        case .expected(let wanted, let found): "expected \(wanted.alternatives), found '\(found)'"
        case .nestedTooDeep(let limit): "the selection is nested more than \(limit) levels deep"
        case .notSupported(let attribute): "Freshet does not select by '\(attribute):'"
        case .unclosedQuote: "the quotation is not closed that begins"
        case .unknownAttribute(let name): "unknown attribute '\(name):'"
        case .unknownFunction(let name): "unknown function '\(name)'"
        case .unknownKey(let key): "unknown asset '\(key)'"
        case .unknownRole(let name):
            "'is:' expects \(RoleName.allCases.map(\.rawValue).alternatives), found '\(name)'"
        case .wildcardOutsideKey(let text): "only 'key:' takes a wildcard, found '\(text)'"
        }
    }
}
