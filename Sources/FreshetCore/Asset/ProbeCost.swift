/// What one look cost, as far as it is known.
public struct ProbeCost: Hashable, Sendable {
    /// From the beginning of the look to its answer.
    public var took: Duration
    /// Calls over the network, or statements.
    public var requests: Int
    /// Bytes that came over the network, or that the system behind it says it scanned.
    public var bytes: Int64?
    /// Rows that were read to answer.
    public var rows: Int64?

    public init(took: Duration = .zero, requests: Int = 0, bytes: Int64? = nil, rows: Int64? = nil) {
        self.took = took
        self.requests = requests
        self.bytes = bytes
        self.rows = rows
    }
}
