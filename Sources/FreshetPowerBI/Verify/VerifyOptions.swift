internal import FreshetCore
internal import FreshetKit

/// Which tables are counted after a refresh, and what the counts have to agree with.
struct VerifyOptions: Hashable, Sendable {
    struct Rule: Hashable, Sendable {
        /// Where the table is loaded from.
        var input: AssetKey
        /// The name of the value of that input that says how many rows there are.
        var count: String
        var tolerance: Tolerance
        var severity: CheckResult.Severity
    }

    /// How many rows may be missing.
    enum Tolerance: Hashable, Sendable {
        case rows(Double)
        /// Of the rows there should be, 0...1.
        case share(Double)

        func allows(missing: Int64, of expected: Int64) -> Bool {
            switch self {
            case .rows(let rows): Double(missing) <= rows
            case .share(let share): Double(missing) <= share * Double(expected)
            }
        }
    }

    /// By table.
    var rules: [String: Rule] = [:]
    /// Rules that nobody wrote down: a table whose input does not tell its rows is left out without a word.
    var isAutomatic = false

    static let shape = Shape.anyOf([
        .boolean,
        .map(
            .object([
                Field("count", .text, default: "row_count", "The value of the input that says how many rows it has."),
                Field("from", .assetKey, "The input to compare with, where the table has several."),
                Field(
                    "tolerance",
                    .anyOf([.number(0...1e15), .text]),
                    default: "0",
                    "How many rows may be missing: a number, or a share such as 0.5%."
                ),
                Field(
                    "severity",
                    .choice(CheckResult.Severity.allCases.map(\.rawValue)),
                    default: "error",
                    "Whether missing rows fail the refresh, or only warn."
                ),
            ])
        ),
    ])

    init() {}

    init(from settings: Settings, tables: [String: RefreshOptions.Table]) throws(Diagnostic) {
        guard let value = settings.value["verify"] else { return }
        if case .boolean(let isOn) = value.content {
            guard isOn else { return }
            guard !tables.isEmpty else {
                throw Diagnostic(
                    "'verify: true' counts the tables of 'refresh.tables', and there are none",
                    at: value.origin,
                    hint: "name the tables here: verify: {fct_sales: {from: warehouse/fct_sales}}"
                )
            }
            isAutomatic = true
            for (name, table) in tables where table.inputs.count == 1 {
                rules[name] = Rule(input: table.inputs[0], count: "row_count", tolerance: .rows(0), severity: .error)
            }
            return
        }
        for (name, rule) in settings.map("verify") { rules[name] = try Self.rule(rule, of: name, tables[name]) }
    }

    private static func rule(
        _ rule: Settings,
        of name: String,
        _ table: RefreshOptions.Table?
    ) throws(Diagnostic) -> Rule {
        let inputs = table?.inputs ?? []
        let stated = try rule.assetKey("from")
        guard let input = stated ?? (inputs.count == 1 ? inputs[0] : nil) else {
            let reason = inputs.isEmpty ? "is not among 'refresh.tables'" : "is loaded from several assets"
            throw Diagnostic("'\(name)' \(reason): 'from' has to say what to compare with", at: rule.origin)
        }
        if !inputs.isEmpty, !inputs.contains(input) {
            let known = inputs.map(\.path).joined(separator: ", ")
            throw Diagnostic("'\(name)' is not loaded from \(input); it is from \(known)", at: rule.origin(of: "from"))
        }
        return Rule(
            input: input,
            count: try rule.text("count") ?? "row_count",
            tolerance: try tolerance(rule),
            severity: try rule.choice("severity") ?? .error
        )
    }

    private static func tolerance(_ rule: Settings) throws(Diagnostic) -> Tolerance {
        guard rule.has("tolerance") else { return .rows(0) }
        guard case .text(let text)? = rule.value["tolerance"]?.content else {
            return .rows(try rule.number("tolerance") ?? 0)
        }
        let number = text.hasSuffix("%") ? Double(text.dropLast().trimmed) : nil
        guard let number, (0...100).contains(number) else {
            throw Diagnostic(
                "'tolerance' has to be a number of rows, or a share from 0% to 100%",
                at: rule.origin(of: "tolerance")
            )
        }
        return .share(number / 100)
    }
}

extension StringProtocol {
    fileprivate var trimmed: String { String(filter { !$0.isWhitespace }) }
}
