import FreshetDefinitions
import FreshetKit

/// Mistakes of definition files, each with its line and a caret.
enum DiagnosticReport {
    static func text(_ diagnostics: [Diagnostic], root: String, style: Style) -> String {
        var renderer = DiagnosticText(folder: root, catalog: Wiring.catalog)
        return renderer.render(diagnostics)
    }
}
