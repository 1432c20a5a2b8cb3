internal import FreshetKit

/// The mistakes found so far, each once.
///
/// A wrong default is met again at each asset that it applies to.
struct DiagnosticList {
    private(set) var all: [Diagnostic] = []
    /// Tells, compared before and after, whether a step found another.
    private(set) var errorCount = 0
    private var seen: Set<Diagnostic> = []

    mutating func add(_ diagnostic: Diagnostic) {
        guard seen.insert(diagnostic).inserted else { return }
        all.append(diagnostic)
        if diagnostic.severity == .error { errorCount += 1 }
    }

    mutating func error(_ message: String, at origin: Origin, hint: String? = nil) {
        add(Diagnostic(message, at: origin, hint: hint))
    }

    mutating func warning(_ message: String, at origin: Origin, hint: String? = nil) {
        add(Diagnostic(message, at: origin, hint: hint, severity: .warning))
    }

    mutating func add(_ others: DiagnosticList) { for diagnostic in others.all { add(diagnostic) } }

    var errors: [Diagnostic] { all.filter { $0.severity == .error }.inFileOrder }
    var warnings: [Diagnostic] { all.filter { $0.severity == .warning }.inFileOrder }
}

extension [Diagnostic] {
    /// By file, line, column and text.
    var inFileOrder: [Diagnostic] {
        sorted {
            ($0.origin.file, $0.origin.line, $0.origin.column, $0.message)
                < ($1.origin.file, $1.origin.line, $1.origin.column, $1.message)
        }
    }
}

extension String {
    /// The hint that names the nearest right word, or `nil` where none is near.
    static func didYouMean(_ word: String?) -> String? { word.map { "did you mean '\($0)'?" } }
}

extension Sequence<String> {
    /// The words as a person lists them: `a, b or c`.
    var alternatives: String {
        let words = Array(self)
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}
