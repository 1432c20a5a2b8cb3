import FreshetDefinitions
import FreshetKit

/// Mistakes of definition files, each with its line and a caret.
enum DiagnosticReport {
    private static let most = 100

    static func text(_ diagnostics: [Diagnostic], root: String, style: Style) -> String {
        var renderer = DiagnosticText(folder: root, catalog: Wiring.catalogForMessages(of: root))
        let shown = renderer.render(Array(diagnostics.prefix(most)))
        let rest = diagnostics.count - most
        return rest > 0 ? shown + "and \(rest) more; mend these first, or see all with --json\n" : shown
    }
}
