/// A value of a definition file, with its position kept for messages and for `config show --origin`.
public struct ConfigValue: Hashable, Sendable {
    public indirect enum Content: Hashable, Sendable {
        case null
        case boolean(Bool)
        case integer(Int64)
        case number(Double)
        /// May hold `${env:…}` and `${secret:…}`, which are resolved where the text is used; see ``Secrets``.
        case text(String)
        case list([ConfigValue])
        /// In the order of the file; keys are unique.
        case object([Entry])
    }

    public struct Entry: Hashable, Sendable {
        public var key: String
        public var keyOrigin: Origin
        public var value: ConfigValue

        public init(key: String, keyOrigin: Origin, value: ConfigValue) {
            self.key = key
            self.keyOrigin = keyOrigin
            self.value = value
        }
    }

    public var content: Content
    public var origin: Origin

    public init(_ content: Content, at origin: Origin) {
        self.content = content
        self.origin = origin
    }

    public var entries: [Entry] { if case .object(let entries) = content { entries } else { [] } }

    public subscript(key: String) -> ConfigValue? { entries.first { $0.key == key }?.value }
}
