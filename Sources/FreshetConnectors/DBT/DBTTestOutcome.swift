/// What a test of dbt found.
enum DBTTestOutcome: Hashable {
    case passed
    /// Rows were found that should not be there, and its severity is to warn.
    case warned(String)
    /// Rows were found that should not be there.
    case failed(String)
    /// It could not be made.
    case broken(String, blocks: Bool)
    /// dbt did not get to it, so that what it found before stands.
    case notMade

    /// - SeeAlso: dbt-core, `TestStatus`: a test's own severity is in its status already.
    init(of result: DBTRunResults.Result, isErrorSeverity: Bool) {
        let message = result.message?.value.flatMap(firstLine)
        switch result.status.lowercased() {
        case "pass", "success": self = .passed
        case "warn": self = .warned(message ?? "it warns")
        case "fail": self = .failed(message ?? "rows were found that should not be there")
        case "error", "runtime error": self = .broken(message ?? "no reason is given", blocks: isErrorSeverity)
        // A word that is new is no pass; whatever stood before stands.
        default: self = .notMade
        }
    }

    /// Whether what depends on the tested node has to wait.
    var blocks: Bool {
        switch self {
        case .failed: true
        case .broken(_, let blocks): blocks
        case .passed, .warned, .notMade: false
        }
    }

    func message(of test: String) -> String? {
        switch self {
        case .passed, .notMade: nil
        case .warned(let message): "test \(test) warns: \(message)"
        case .failed(let message): "test \(test) failed: \(message)"
        case .broken(let message, _): "test \(test) could not be made: \(message)"
        }
    }
}
