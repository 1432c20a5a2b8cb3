/// What a check found out about a materialization.
public struct CheckResult: Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        /// Worth a look; the materialization stands.
        case warn
        /// What came out is not right: the step fails.
        case error
    }

    /// Unique within the asset, such as `row_count/fct_sales`.
    public var name: String
    public var severity: Severity
    public var isPassed: Bool
    /// What was compared, and by how much it differs; free of secrets.
    public var message: String
    /// The figures, by name.
    public var details: JSONValue

    public init(
        name: String,
        severity: Severity = .error,
        isPassed: Bool,
        message: String,
        details: JSONValue = .object([:])
    ) {
        self.name = name
        self.severity = severity
        self.isPassed = isPassed
        self.message = message
        self.details = details
    }
}
