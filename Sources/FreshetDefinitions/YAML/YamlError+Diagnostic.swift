internal import FreshetKit
internal import Yams

extension YamlError {
    /// The mistake in words that do not ask for knowledge of YAML's grammar.
    ///
    /// The problems are libyaml's own texts (scanner.c, parser.c of 0.2.5); one that is not known here is shown as it
    /// is.
    func diagnostic(in text: String, file: String) -> Diagnostic {
        switch self {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let mistake = YAMLMistake(problem, context: context?.text ?? "", in: SourceText(text), at: mark)
            let isStart = mistake.isAboutTheStart && context != nil
            let place = isStart ? context?.mark ?? mark : mark
            let origin = Origin(file: file, line: max(place.line, 1), column: max(place.column, 1))
            return Diagnostic(mistake.message, at: origin, hint: mistake.hint)
        case .reader(let problem, let offset, _, _):
            let lines = text.prefix(offset ?? 0).split(separator: /\r\n|\n|\r/, omittingEmptySubsequences: false)
            return Diagnostic(
                "the file holds a character that YAML does not allow (\(problem))",
                at: Origin(file: file, line: max(lines.count, 1), column: (lines.last?.count ?? 0) + 1),
                hint: "remove it, or write it as an escape within quotation marks"
            )
        default:
            return Diagnostic("the file cannot be read as YAML", at: Origin(file: file))
        }
    }
}

/// What is wrong with a file's syntax.
private struct YAMLMistake {
    var message: String
    var hint: String?
    /// Whether the place to mend is where the construct begins, not where the parser gave up.
    var isAboutTheStart = false

    init(_ problem: String, context: String, in source: SourceText, at mark: Mark) {
        let found = source.index(line: mark.line, column: mark.column).map { source[$0] }
        let line = source.line(mark.line) ?? ""
        let isTab = found == "\t" || line.prefix { $0 == " " || $0 == "\t" }.contains("\t")
        switch problem {
        case "found character that cannot start any token", "found a tab character that violates indentation":
            if isTab {
                message = "a tab stands in the indentation, where YAML allows only spaces"
                hint = "replace the tab by spaces"
            } else {
                message = "a value cannot begin with '\(found.map { String(Character($0)) } ?? "")'"
                hint = "put the value in quotation marks"
            }
        case "mapping values are not allowed in this context":
            message = "a ':' is not expected here"
            hint = "check the indentation; a text that holds ': ' needs quotation marks"
        case "did not find expected key", "did not find expected '-' indicator", "could not find expected ':'",
            "did not find expected <document start>", "block sequence entries are not allowed in this context",
            "block mapping entries are not allowed in this context":
            message = isTab ? "a tab stands in the indentation, where YAML allows only spaces" : Self.broken(problem)
            hint = isTab ? "replace the tab by spaces" : "check the indentation of this line and of the one before"
        case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
            let isBrace = problem.hasSuffix("'}'")
            message =
                "the \(isBrace ? "mapping in braces" : "list in brackets") that begins here is not continued or closed"
            hint = "a ',' or '\(isBrace ? "}" : "]")' is missing"
            if line.contains("${") || source.line(mark.line - 1)?.contains("${") == true {
                hint = "within braces and brackets, put ${...} in quotation marks"
            }
            isAboutTheStart = true
        case "found unexpected end of stream" where context.contains("quoted scalar"):
            message = "the quotation mark that opens here is never closed"
            isAboutTheStart = true
        case "found unknown escape character":
            message = "after '\\' stands a character that is no escape"
            hint = "write '\\\\' for a backslash, or use single quotation marks"
        case "found undefined alias":
            message = "the alias names an anchor that does not stand before it"
            hint = "an anchor is written '&name' at the value that '*name' repeats"
        case "but found another document":
            message = "a second document begins here"
            hint = "one file holds one document; remove the '---'"
        default:
            message = "the file is not YAML: \(problem)"
        }
    }

    private static func broken(_ problem: String) -> String {
        problem == "could not find expected ':'"
            ? "a ':' is missing after the key" : "this line does not fit to the lines before it"
    }
}
