import Foundation
import Testing

@testable import FreshetCore

@Suite struct `A selection` {
    private let graph: AssetGraph

    init() throws {
        graph = try AssetGraph([
            AssetSpec(key: "raw/orders", role: .observed, labels: Labels(kind: "s3.object", owners: ["team:in"])),
            AssetSpec(key: "raw/umsätze 2026", role: .observed, labels: Labels(kind: "s3.object")),
            AssetSpec(key: "fct_sales", dependencies: ["raw/orders", "raw/umsätze 2026"]),
            AssetSpec(key: "gate", role: .branch(Branch(.first, [])), dependencies: ["fct_sales"]),
            AssetSpec(
                key: "sales",
                dependencies: ["fct_sales"],
                labels: Labels(kind: "powerbi.semantic_model", tags: ["tier": "gold", "pii": ""])
            ),
            AssetSpec(key: "report", dependencies: ["sales"], labels: Labels(group: "bi")),
        ])
    }

    private func select(_ text: String) throws -> Set<AssetKey> { try Selection(parsing: text).resolve(in: graph) }

    @Test(.enabled(if: SelectionCases.path != nil, "FRESHET_FIXTURES is not set"), arguments: try SelectionCases.load())
    func `names what Dagster says it names`(example: SelectionCases.Case) throws {
        let graph = try SelectionCases.graph()
        switch example.expr {
        case "tag:tier":
            // Dagster finds only tags without a value, which nobody means.
            let tagged: Set<AssetKey> = ["marts/dim_customer", "marts/fct_sales", "raw/customers", "raw/orders"]
            #expect(try Selection(parsing: example.expr).resolve(in: graph) == tagged)
        case "key:\"nope\"":
            #expect(throws: SelectionError(.unknownKey("nope"), at: 4)) {
                try Selection(parsing: example.expr).resolve(in: graph)
            }
        default:
            if let result = example.result {
                #expect(try Selection(parsing: example.expr).resolve(in: graph) == Set(result.map { AssetKey($0) }))
            } else {
                #expect(throws: SelectionError.self) { try Selection(parsing: example.expr) }
            }
        }
    }

    @Test(.enabled(if: SelectionCases.path != nil, "FRESHET_FIXTURES is not set"))
    func `is tried with all 68 of Dagster's cases`() throws { #expect(try SelectionCases.load().count == 68) }

    @Test func `takes bare keys anywhere, of any script and with either quotation mark`() throws {
        #expect(try select("sales or report") == ["sales", "report"])
        #expect(try select("+sales and not raw/*") == ["fct_sales", "sales"])
        #expect(try select("'raw/umsätze 2026'") == ["raw/umsätze 2026"])
        #expect(try select("\"raw/umsätze 2026\"+1") == ["raw/umsätze 2026", "fct_sales"])
        #expect(try select("*sätz*") == ["raw/umsätze 2026"])
    }

    @Test func `finds a kind by its whole name and by its components`() throws {
        #expect(try select("kind:powerbi.semantic_model") == ["sales"])
        #expect(try select("kind:semantic_model") == ["sales"])
        #expect(try select("kind:power") == [])
    }

    @Test func `finds a tag with any value, and with one`() throws {
        #expect(try select("tag:pii") == ["sales"])
        #expect(try select("tag:tier") == ["sales"])
        #expect(try select("tag:tier=gold") == ["sales"])
        #expect(try select("tag:tier=\"\"") == [])
        #expect(try select("tag:pii=\"\"") == ["sales"])
    }

    @Test func `takes a colon in a value`() throws { #expect(try select("owner:team:in") == ["raw/orders"]) }

    @Test func `finds roles by Freshet's words and by Dagster's`() throws {
        #expect(try select("is:observed") == ["raw/orders", "raw/umsätze 2026"])
        #expect(try select("is:external") == select("is:observed"))
        #expect(try select("is:materialized") == ["fct_sales", "sales", "report"])
        #expect(try select("is:materializable") == select("is:materialized"))
        #expect(try select("is:branch") == ["gate"])
    }

    @Test func `sees roots and sinks through what is not selected`() throws {
        #expect(try select("roots(raw/orders or report)") == ["raw/orders"])
        #expect(try select("sinks(raw/orders or report)") == ["report"])
        #expect(try select("sinks(raw/orders or gate or report)") == ["gate", "report"])
    }

    @Test func `takes a number before a plus sign as steps only if an operand follows`() throws {
        let graph = try AssetGraph([AssetSpec(key: "2024"), AssetSpec(key: "next", dependencies: ["2024"])])
        #expect(try Selection(parsing: "2024+").resolve(in: graph) == ["2024", "next"])
        #expect(try Selection(parsing: "1+next").resolve(in: graph) == ["2024", "next"])
        #expect(try Selection(parsing: "0+next").resolve(in: graph) == ["next"])
        #expect(try Selection(parsing: "1+2024+1").resolve(in: graph) == ["2024", "next"])
    }

    @Test(arguments: [
        ("", 0, nil, "expected an asset key, an attribute such as 'kind:dbt' or '(', but the selection ends"),
        ("kind:dbt adn group:x", 9, "and", "expected 'and', 'or' or the end, found 'adn'"),
        ("KIND:dbt", 0, "kind", "unknown attribute 'KIND:'"),
        ("sales or onwer:ana", 9, "owner", "unknown attribute 'onwer:'"),
        ("status:FAILED", 0, nil, "Freshet does not select by 'status:'"),
        ("root(*)", 0, "roots", "unknown function 'root'"),
        ("is:observd", 3, "observed", "'is:' expects branch, materialized, observed, external or materializable"),
        ("group:m*", 6, nil, "only 'key:' takes a wildcard, found 'm*'"),
        ("key:", 4, nil, "expected a value of 'key', but the selection ends"),
        ("tag:tier=", 9, nil, "expected a value of 'tag:tier=', but the selection ends"),
        ("key:and", 4, nil, "expected a value of 'key', found 'and'"),
        ("(sales", 6, nil, "expected 'and', 'or' or ')', but the selection ends"),
        ("sales)", 5, nil, "expected 'and', 'or' or the end, found ')'"),
        ("äö or \"sales", 6, nil, "the quotation is not closed that begins"),
        ("99999999999999999999+sales", 0, nil, "'99999999999999999999' is too many steps"),
        ("+*", 1, nil, "expected an asset key, an attribute such as 'kind:dbt' or '(', found '*'"),
        ("a, b", 1, nil, "expected 'and', 'or' or the end, found ','"),
    ]) func `that is wrong says where, and what was meant`(
        text: String,
        offset: Int,
        meant: String?,
        message: String
    ) throws {
        let error = try #require(throws: SelectionError.self) { try Selection(parsing: text) }
        #expect(error.offset == offset)
        #expect(error.nearest == meant)
        #expect(error.reason.description.hasPrefix(message))
        #expect(error.description.contains("at character \(offset + 1)"))
    }

    @Test func `of an unknown key names the nearest one`() throws {
        let error = try #require(throws: SelectionError.self) { try select("sales or +\"raw/ordres\"") }
        #expect(error == SelectionError(.unknownKey("raw/ordres"), at: 10, nearest: "raw/orders"))
        #expect(error.description == "unknown asset 'raw/ordres' at character 11; did you mean 'raw/orders'?")
        #expect(throws: SelectionError(.unknownKey("nope"), at: 15)) { try select("group:none and nope") }
    }

    @Test func `may be nested 200 deep, and no deeper`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "sales" + String(repeating: ")", count: depth)
        }
        #expect(try select(nested(200)) == ["sales"])
        #expect(throws: SelectionError(.nestedTooDeep(limit: 200), at: 200)) { try select(nested(201)) }
        #expect(throws: SelectionError.self) { try select(String(repeating: "not ", count: 1_000_000)) }
        #expect(try select(String(repeating: "not ", count: 200) + "sales") == ["sales"])
    }

    @Test(arguments: 0..<500) func `of any text is read or refused`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let pieces = [
            "(", ")", "+", "2", "*", "a", "key:", "tag:", "=", "\"", "'", "not ", "and", " or ", " ", "\\", "ä",
        ]
        let text = (0..<12).map { _ in pieces.randomElement(using: &generator)! }.joined()
        do throws(SelectionError) {
            _ = try Selection(parsing: text)
        } catch {
            #expect((0...text.unicodeScalars.count).contains(error.offset), "\(text)")
        }
    }

    @Test(arguments: [
        ("*", "anything/at all", true), ("a*b", "a/x/b", true), ("a*b", "a/x/b/c", false), ("*b*", "abc", true),
        ("a**", "a", true), ("*a*b", "xaxxab", true), ("", "", true), ("*.csv", "x.csv.csv", true), ("a*a", "a", false),
    ]) func `with a wildcard fits whole keys`(pattern: String, key: String, fits: Bool) {
        #expect(KeyPattern(pattern).matches(AssetKey(key)) == fits)
    }

    @Test func `with many wildcards does not take for ever`() {
        let pattern = KeyPattern(String(repeating: "a*", count: 50) + "b")
        #expect(!pattern.matches(AssetKey(String(repeating: "a", count: 5_000))))
    }

    @Test func `of everything above asks each asset once`() throws {
        let count = 20_000
        let graph = try AssetGraph(
            (0..<count).map { index in
                AssetSpec(
                    key: AssetKey("a\(index)"),
                    dependencies: (max(0, index - 3)..<index).map { AssetKey("a\($0)") }
                )
            }
        )
        var asked = 0
        let reached = AssetGraph.reach(from: [AssetKey("a\(count - 1)")], steps: .max) { key in
            asked += 1
            return graph[key]?.upstreams ?? []
        }
        #expect(reached.count == count)
        #expect(asked == count)
        #expect(try Selection(parsing: "+a\(count - 1) and a0+ and sinks(*)").resolve(in: graph).count == 1)
    }

    @Test func `of ten thousand terms is read and resolved`() throws {
        let text = Array(repeating: "sales", count: 10_000).joined(separator: " or ")
        #expect(try select(text) == ["sales"])
    }
}

/// The cases recorded from Dagster, in `fixtures/dagster-selection`.
enum SelectionCases {
    struct Case: Codable, Sendable, CustomTestStringConvertible {
        var expr: String
        var result: [String]?
        var testDescription: String { expr }
    }
    private struct Node: Codable {
        var key: String
        var deps: [String]
        var group: String?
        var kinds: [String]
        var tags: [String: String]
        var owners: [String]
    }
    private struct File: Codable {
        var graph: [Node]
        var cases: [Case]
    }

    static var path: String? {
        ProcessInfo.processInfo.environment["FRESHET_FIXTURES"].map {
            "\($0)/dagster-selection/selection_conformance.json"
        }
    }

    static func load() throws -> [Case] { try file()?.cases ?? [] }

    /// A Dagster asset has several kinds, ours one of several components.
    static func graph() throws -> AssetGraph {
        try AssetGraph(
            (file()?.graph ?? []).map { node in
                AssetSpec(
                    key: AssetKey(node.key),
                    dependencies: node.deps.map { AssetKey($0) },
                    labels: Labels(
                        kind: node.kinds.joined(separator: "."),
                        group: node.group,
                        owners: node.owners,
                        tags: node.tags
                    )
                )
            }
        )
    }

    private static func file() throws -> File? {
        guard let path else { return nil }
        return try JSONDecoder().decode(File.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
