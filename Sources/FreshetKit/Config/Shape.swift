/// What a value of a definition file may look like.
///
/// The decoder, the messages, `freshet schema` and the reference pages are all made from these declarations.
public indirect enum Shape: Sendable {
    case text
    /// Text that may be, or contain, a secret; it is never shown.
    case secret
    case boolean
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    /// `30s`, `15m`, `2h`, `1d`, `1h30m`.
    case duration
    case choice([String])
    /// The key of an asset.
    case assetKey
    /// A branch condition.
    case condition
    /// The name of a connection of one of these kinds.
    case connection([String])
    /// The name of a pool.
    case pool
    case list(Shape)
    /// One value, or a list of them.
    case oneOrMore(Shape)
    /// Free keys.
    case map(Shape)
    case object([Field])
    case anyOf([Shape])
}

/// One key of an object.
public struct Field: Sendable {
    public var name: String
    public var shape: Shape
    public var isRequired: Bool
    /// As it would be written, for the schema and the reference.
    public var defaultValue: String?
    /// One sentence.
    public var summary: String
    /// Whether the value alters the work, and so is part of the asset's code version.
    public var altersWork: Bool

    public init(
        _ name: String,
        _ shape: Shape,
        required: Bool = false,
        default defaultValue: String? = nil,
        altersWork: Bool = true,
        _ summary: String
    ) {
        self.name = name
        self.shape = shape
        self.isRequired = required
        self.defaultValue = defaultValue
        self.altersWork = altersWork
        self.summary = summary
    }
}
