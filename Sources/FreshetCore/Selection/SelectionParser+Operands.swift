/// What stands between the operators: keys, attributes, functions and parentheses.
extension SelectionParser {
    private static let attributes = ["group", "is", "key", "kind", "owner", "tag"]
    private static let functions = ["roots", "sinks"]
    /// Dagster's attributes for which Freshet has no counterpart.
    private static let unsupported: Set<String> = [
        "automation_type", "changed_in_branch", "code_location", "column", "column_tag", "job", "partitions",
        "schedule", "sensor", "status", "table_name",
    ]
    private static let start = ["an asset key", "an attribute such as 'kind:dbt'", "'('"]

    mutating func operand() throws(SelectionError) -> Selection {
        let token = current
        switch token.kind {
        case .symbol("("):
            return try parenthesized()
        case .quoted(let text):
            position += 1
            return .key(KeyPattern(text, offset: token.offset))
        case .word(let word) where !isKeyword(token) && word != "*":
            position += 1
            switch current.kind {
            case .symbol("("): return try function(word, at: token.offset)
            case .symbol(":"): return try attribute(word, at: token.offset)
            default: return .key(KeyPattern(word, offset: token.offset))
            }
        case .word, .symbol, .end:
            throw unexpected(Self.start)
        }
    }

    private mutating func parenthesized() throws(SelectionError) -> Selection {
        try enter(at: current.offset)
        defer { nesting -= 1 }
        position += 1
        let selection = try disjunction()
        guard take(")") else { throw unexpected(["'and'", "'or'", "')'"], near: ["and", "or"]) }
        return selection
    }

    private mutating func function(_ name: String, at offset: Int) throws(SelectionError) -> Selection {
        switch name {
        case "roots": return .roots(try parenthesized())
        case "sinks": return .sinks(try parenthesized())
        default: throw SelectionError(.unknownFunction(name), at: offset, nearest: nearest(name, among: Self.functions))
        }
    }

    private mutating func attribute(_ name: String, at offset: Int) throws(SelectionError) -> Selection {
        if Self.unsupported.contains(name) { throw SelectionError(.notSupported(attribute: name), at: offset) }
        guard Self.attributes.contains(name) else {
            throw SelectionError(.unknownAttribute(name), at: offset, nearest: nearest(name, among: Self.attributes))
        }
        position += 1
        let token = current
        if name == "key" { return .key(KeyPattern(try value(of: name, mayHaveWildcard: true), offset: token.offset)) }
        let value = try value(of: name)
        var isNull = token.kind == .word("<null>")
        var selection: Selection
        switch name {
        case "group": selection = .group(value)
        case "is": selection = .role(try role(value, at: token.offset))
        case "kind": selection = .kind(value)
        case "owner": selection = .owner(value)
        default:
            selection = .tag(value, value: nil)
            if take("=") {
                isNull = isNull || current.kind == .word("<null>")
                selection = .tag(value, value: try self.value(of: "tag:\(value)="))
            }
        }
        // What is null equals nothing: Dagster's engine selects no asset by it.
        if isNull { selection = .any([]) }
        return selection
    }

    private mutating func value(
        of attribute: String,
        mayHaveWildcard: Bool = false
    ) throws(SelectionError) -> String {
        let token = current
        switch token.kind {
        case .quoted(let text):
            position += 1
            return text
        case .word(let word) where !isKeyword(token):
            guard mayHaveWildcard || !word.contains("*") else {
                throw SelectionError(.wildcardOutsideKey(word), at: token.offset)
            }
            position += 1
            return word
        case .word, .symbol, .end:
            throw unexpected(["a value of '\(attribute)'"])
        }
    }

    private func role(_ name: String, at offset: Int) throws(SelectionError) -> RoleName {
        if let role = RoleName(rawValue: name) { return role }
        let names = RoleName.allCases.map(\.rawValue)
        throw SelectionError(.unknownRole(name), at: offset, nearest: nearest(name, among: names))
    }
}
