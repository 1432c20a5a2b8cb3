import Glibc

/// Colour for a terminal, and nothing for anything else.
struct Style: Sendable {
    enum Choice: String, Sendable, CaseIterable { case auto, always, never }

    let isColoured: Bool

    /// - Parameters:
    ///   - choice: what the person asked for.
    ///   - environment: `NO_COLOR`, `CLICOLOR_FORCE` and `TERM` count (no-color.org, bixense.com/clicolors).
    ///   - isTerminal: whether the stream is one.
    init(_ choice: Choice, environment: [String: String], isTerminal: Bool) {
        switch choice {
        case .always: isColoured = true
        case .never: isColoured = false
        case .auto:
            if let no = environment["NO_COLOR"], !no.isEmpty {
                isColoured = false
            } else if let force = environment["CLICOLOR_FORCE"], force != "0", !force.isEmpty {
                isColoured = true
            } else {
                isColoured = isTerminal && environment["TERM"] != "dumb"
            }
        }
    }

    func plain(_ text: String) -> String { text }
    func bold(_ text: String) -> String { paint(text, "1") }
    func dim(_ text: String) -> String { paint(text, "2") }
    func red(_ text: String) -> String { paint(text, "31") }
    func green(_ text: String) -> String { paint(text, "32") }
    func yellow(_ text: String) -> String { paint(text, "33") }
    func blue(_ text: String) -> String { paint(text, "36") }

    private func paint(_ text: String, _ code: String) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
