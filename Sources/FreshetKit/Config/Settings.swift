public import FreshetCore

/// An object of a definition file whose shape has been checked, read by name and type.
///
/// After the check a getter throws only for what a shape cannot say; the diagnostic then points at the value.
public struct Settings: Sendable {
    public let value: ConfigValue

    public init(_ value: ConfigValue) { self.value = value }

    public var origin: Origin { value.origin }

    public func has(_ name: String) -> Bool { value[name] != nil }

    public func origin(of name: String) -> Origin { value[name]?.origin ?? value.origin }

    public func text(_ name: String) throws(Diagnostic) -> String? {
        guard let found = value[name] else { return nil }
        switch found.content {
        case .text(let text): return text
        case .integer(let number): return String(number)
        case .null: return nil
        default: throw wrongType(name, "text")
        }
    }

    public func requiredText(_ name: String) throws(Diagnostic) -> String {
        guard let text = try text(name) else { throw missing(name) }
        return text
    }

    public func boolean(_ name: String) throws(Diagnostic) -> Bool? {
        guard let found = value[name] else { return nil }
        guard case .boolean(let boolean) = found.content else { throw wrongType(name, "true or false") }
        return boolean
    }

    public func integer(_ name: String) throws(Diagnostic) -> Int? {
        guard let found = value[name] else { return nil }
        guard case .integer(let number) = found.content else { throw wrongType(name, "a whole number") }
        return Int(number)
    }

    public func number(_ name: String) throws(Diagnostic) -> Double? {
        guard let found = value[name] else { return nil }
        switch found.content {
        case .integer(let number): return Double(number)
        case .number(let number): return number
        default: throw wrongType(name, "a number")
        }
    }

    public func duration(_ name: String) throws(Diagnostic) -> Duration? {
        guard let text = try text(name) else { return nil }
        guard let duration = Duration(parsing: text) else { throw wrongType(name, "a duration such as 30s, 15m or 2h") }
        return duration
    }

    public func assetKey(_ name: String) throws(Diagnostic) -> AssetKey? { try text(name).map { AssetKey($0) } }

    /// The texts of a list, or the one text that stands in its place.
    public func texts(_ name: String) throws(Diagnostic) -> [String] {
        guard let found = value[name] else { return [] }
        switch found.content {
        case .text(let text): return [text]
        case .list(let items):
            var texts: [String] = []
            for item in items {
                guard case .text(let text) = item.content else { throw wrongType(name, "a list of texts") }
                texts.append(text)
            }
            return texts
        case .null: return []
        default: throw wrongType(name, "a text or a list of texts")
        }
    }

    /// The object of that name, empty when it is not stated.
    public func object(_ name: String) -> Settings {
        Settings(value[name] ?? ConfigValue(.object([]), at: value.origin))
    }

    /// The objects of a list.
    public func objects(_ name: String) -> [Settings] {
        guard case .list(let items)? = value[name]?.content else { return [] }
        return items.map(Settings.init)
    }

    /// The entries of a map, in the order of the file.
    public func map(_ name: String) -> [(key: String, value: Settings)] {
        (value[name]?.entries ?? []).map { ($0.key, Settings($0.value)) }
    }

    public func missing(_ name: String) -> Diagnostic { Diagnostic("'\(name)' is required here", at: origin) }

    private func wrongType(_ name: String, _ expected: String) -> Diagnostic {
        Diagnostic("'\(name)' has to be \(expected)", at: origin(of: name))
    }
}
