private import FreshetCore

/// One value that a table is asked for, such as `row_count` or `max(updated_at)`.
enum SQLExpression: Hashable, Sendable {
    case rowCount
    case aggregate(Function, column: String)

    enum Function: String, Hashable, Sendable, CaseIterable { case max, min, sum }

    static let expected = "row_count, max(column), min(column) or sum(column)"

    init(parsing text: String) throws(SQLMistake) {
        let text = text.trimmed
        if text.lowercased() == "row_count" {
            self = .rowCount
            return
        }
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else { throw Self.mistake(in: text) }
        let function = String(text[..<open]).trimmed
        let argument = String(text[text.index(after: open)...].dropLast()).trimmed
        guard let known = Function(rawValue: function.lowercased()) else {
            let meant = nearest(function, among: Function.allCases.map(\.rawValue)).map { "\($0)(\(argument))" }
            let isCount = function.lowercased() == "count"
            throw Self.mistake(text, meant: isCount ? "row_count" : meant)
        }
        self = .aggregate(known, column: try Self.column(argument, in: text))
    }

    /// As it is shown and compared: written in one way, whatever spaces and quotation marks the file has.
    var name: String {
        switch self {
        case .rowCount: "row_count"
        case .aggregate(let function, let column): "\(function.rawValue)(\(SQLName.written(column)))"
        }
    }

    var function: Function? { if case .aggregate(let function, _) = self { function } else { nil } }
    var column: String? { if case .aggregate(_, let column) = self { column } else { nil } }

    private static func column(_ argument: String, in text: String) throws(SQLMistake) -> String {
        guard !argument.isEmpty else { throw SQLMistake("'\(text)' names no column") }
        let parts = try SQLName.split(argument)
        guard parts.count == 1 else {
            throw SQLMistake(
                "'\(text)' names more than a column",
                hint: "name the column alone, in double quotation marks if it holds dots"
            )
        }
        let isQuoted = argument.hasPrefix("\"")
        guard isQuoted || !argument.contains(where: { "()*,".contains($0) }) else {
            throw SQLMistake(
                "'\(text)' asks for an expression; expected the name of a column",
                hint: "make a view that has the expression as a column"
            )
        }
        return parts[0]
    }

    /// What is wrong with a text that calls no function.
    private static func mistake(in text: String) -> SQLMistake {
        let words = text.split(whereSeparator: { $0.isWhitespace || "()".contains($0) }).map(String.init)
        let isColumn = text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        guard let first = words.first else { return SQLMistake("an empty text; expected \(expected)") }
        if let function = Function(rawValue: first.lowercased()) {
            return mistake(text, meant: "\(function)(\(words.count == 2 ? words[1] : "column"))")
        }
        if first.lowercased() == "count" || nearest(text, among: ["row_count"]) != nil {
            return mistake(text, meant: "row_count")
        }
        return mistake(text, meant: isColumn ? "max(\(text))" : nil)
    }

    private static func mistake(_ text: String, meant: String?) -> SQLMistake {
        SQLMistake("'\(text)' is not one of \(expected)", hint: meant.map { "write \($0)" })
    }
}

extension String {
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
