/// Where a value comes from.
public struct Origin: Hashable, Sendable, CustomStringConvertible {
    /// Relative to the project's folder.
    public var file: String
    /// 1-based.
    public var line: Int
    /// 1-based, in characters.
    public var column: Int
    public var layer: Layer

    /// What a value was stated in; a later case wins over an earlier one.
    public enum Layer: String, Hashable, Sendable, CaseIterable {
        case source
        case defaults
        case environment
        case asset
    }

    public init(file: String, line: Int = 1, column: Int = 1, layer: Layer = .asset) {
        self.file = file
        self.line = line
        self.column = column
        self.layer = layer
    }

    public var description: String { "\(file):\(line):\(column)" }
}

/// A mistake in a definition file: where, what, and how to mend it.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Severity: String, Hashable, Sendable { case error, warning }

    public var severity: Severity
    public var origin: Origin
    /// What is wrong and what was expected there; one sentence without a full stop.
    public var message: String
    /// What to do; the nearest right word where there is one.
    public var hint: String?

    public init(_ message: String, at origin: Origin, hint: String? = nil, severity: Severity = .error) {
        self.severity = severity
        self.origin = origin
        self.message = message
        self.hint = hint
    }

    public var description: String {
        "\(origin): \(severity.rawValue): \(message)" + (hint.map { " (\($0))" } ?? "")
    }
}
