private import FoundationEssentials
internal import FreshetCore
package import FreshetKit

/// Diagnostics as a terminal shows them: the message, the line it is about, a mark below the place, and what to do.
///
/// Lines that may hold a secret in plain text are cut off before it.
package struct DiagnosticText {
    private let folder: String
    private let secretFields: [String]
    private var sources: [String: SourceText] = [:]

    /// - Parameters:
    ///   - folder: the one that the diagnostics' files are relative to.
    ///   - catalog: whose fields tell what may be a secret.
    package init(folder: String, catalog: Catalog) {
        self.folder = ProjectFiles.absolute(folder)
        let types: [any Configurable.Type] = catalog.connections + catalog.secretBackends
        let fields =
            types.map { $0.fields } + catalog.sources.map(\.fields) + catalog.kinds.map(\.fields)
            + catalog.probes.map(\.fields)
        secretFields = Set(fields.joined().flatMap(\.secretNames)).sorted()
    }

    /// Each diagnostic in a block of its own, and a last line that counts them.
    package mutating func render(_ diagnostics: [Diagnostic]) -> String {
        var blocks: [String] = []
        for diagnostic in diagnostics { blocks.append(render(diagnostic)) }
        let counts = [("error", Diagnostic.Severity.error), ("warning", .warning)].compactMap { word, severity in
            let count = diagnostics.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(word)\(count == 1 ? "" : "s")"
        }
        return (blocks + [counts.joined(separator: ", ")]).joined(separator: "\n") + "\n"
    }

    private mutating func render(_ diagnostic: Diagnostic) -> String {
        let origin = diagnostic.origin
        var text = "\(origin): \(diagnostic.severity.rawValue): \(diagnostic.message)\n"
        if let source = source(origin.file), let line = source.line(origin.line), !line.allSatisfy(\.isWhitespace) {
            let number = String(origin.line)
            let margin = String(repeating: " ", count: number.count)
            text += "  \(number) | \(shown(origin.line, of: source))\n"
            text += "  \(margin) | \(Self.indent(line, to: origin.column))^\n"
        }
        if let hint = diagnostic.hint { text += "  hint: \(hint)\n" }
        return text
    }

    private mutating func source(_ file: String) -> SourceText? {
        if let known = sources[file] { return known }
        guard let data = FileManager.default.contents(atPath: folder + "/" + file) else { return nil }
        var text = String(decoding: data, as: UTF8.self)
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        let source = SourceText(text)
        sources[file] = source
        return source
    }

    /// Blanks up to a column, with the line's own tabs, so that the mark stands below the place.
    private static func indent(_ line: String, to column: Int) -> String {
        var indent = ""
        for scalar in line.unicodeScalars.prefix(column - 1) { indent += scalar == "\t" ? "\t" : " " }
        return indent
    }

    // MARK: Secrets

    /// A file's text as it may be shown: lines that may hold a secret in plain text end before it.
    package func withoutSecrets(_ text: String) -> String {
        let source = SourceText(text)
        let count = text.split(separator: "\n", omittingEmptySubsequences: false).count
        return (1...max(count, 1)).map { shown($0, of: source) }.joined(separator: "\n")
    }

    private static let concealed = "[not shown]"

    /// A line without what may be a secret: the value of a field that holds one, however its name is misspelt, and the
    /// further lines of such a value.
    private func shown(_ number: Int, of source: SourceText) -> String {
        let line = source.line(number) ?? ""
        let depth = line.prefix { $0 == " " }.count
        if let parent = source.parent(of: number), let other = source.line(parent), shown(other) != other {
            return String(repeating: " ", count: depth) + Self.concealed
        }
        return shown(line)
    }

    private func shown(_ line: String) -> String {
        for match in line.matches(of: /["']?([\p{L}\p{N}_\-]+)["']?\s*:\s*/) where isSecret(String(match.1)) {
            let value = line[match.range.upperBound...]
            if line[..<match.range.lowerBound].hasSuffix("${") { continue }
            // A block scalar's lines follow; what only resembles a secret's name can be that of a connection.
            let isMapping = value.hasPrefix("{") && !secretFields.contains(match.1.lowercased())
            let isReference = value.prefixMatch(of: /["']?\$\{[^}]*\}["']?(\s|,|\}|$)/) != nil
            let isHarmless = value.isEmpty || isMapping || isReference
            if !isHarmless { return line[..<match.range.upperBound] + Self.concealed }
        }
        return line
    }

    private static let suspicious = ["credential", "passw", "pwd", "secret", "token"]

    private func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        return secretFields.contains(name) || Self.suspicious.contains { name.contains($0) }
            || nearest(name, among: secretFields) != nil
    }
}

extension Field {
    /// The names under which secrets stand in it.
    fileprivate var secretNames: [String] {
        shape.holdsSecret ? [name.lowercased()] : shape.inner.flatMap(\.secretNames)
    }
}

extension Shape {
    fileprivate var holdsSecret: Bool {
        switch self {
        case .secret: true
        case .list(let shape), .oneOrMore(let shape), .map(let shape): shape.holdsSecret
        case .anyOf(let shapes): shapes.contains { $0.holdsSecret }
        default: false
        }
    }

    fileprivate var inner: [Field] {
        switch self {
        case .object(let fields): fields
        case .list(let shape), .oneOrMore(let shape), .map(let shape): shape.inner
        case .anyOf(let shapes): shapes.flatMap(\.inner)
        default: []
        }
    }
}
