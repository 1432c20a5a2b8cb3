import FreshetCore

/// What one tick has found out so far.
struct DBTSight {
    var cursor: DBTCursor
    /// By the name of the node, test or exposure.
    var observations: [String: Observation] = [:]
    /// The nodes whose tests began or ceased to fail.
    var touched: Set<String> = []
    /// What tests only warn of, by the name of the node.
    var warnings: [String: [String]] = [:]
    /// What to tell of the tick.
    var sentences: [String] = []
    var began: Timestamp

    init(_ cursor: DBTCursor, began: Timestamp) {
        self.cursor = cursor
        self.began = began
    }

    /// Gives every node the health that its last run and its tests leave it with.
    mutating func settle() {
        for node in touched where observations[node] == nil {
            observations[node] = Observation(
                cursor.version(of: node),
                signal: cursor.signals[node] ?? "run_results",
                strength: .probable,
                observedAt: began
            )
        }
        for node in observations.keys {
            if let warnings = warnings[node] {
                observations[node]?.values["tests_warned"] = .integer(Int64(warnings.count))
                if observations[node]?.message == nil { observations[node]?.message = warnings[0] }
            }
            if let failed = cursor.tests[node]?.count {
                observations[node]?.values["tests_failed"] = .integer(Int64(failed))
            }
            guard let complaint = cursor.complaint(about: node) else { continue }
            observations[node]?.health = .failed
            observations[node]?.message = complaint
        }
    }
}
