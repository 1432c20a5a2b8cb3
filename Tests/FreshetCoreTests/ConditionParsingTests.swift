import Testing

@testable import FreshetCore

@Suite struct `A condition` {
    @Test func `binds not before and before or`() throws {
        #expect(
            try Condition(parsing: "changed(warehouse/fct_sales) or failed(dbt/x) and not changed(\"key with spaces\")")
                == .any([
                    .changed("warehouse/fct_sales"),
                    .all([.failed("dbt/x"), .not(.changed("key with spaces"))]),
                ])
        )
        #expect(
            try Condition(parsing: "not (changed(a) OR changed(b)) AND failed(c)")
                == .all([.not(.any([.changed("a"), .changed("b")])), .failed("c")])
        )
        #expect(try Condition(parsing: " NOT not\n changed ( a ) ") == .not(.not(.changed("a"))))
    }

    @Test(arguments: [
        ("value(a, row_count) >= 1000", Condition.value("a", name: "row_count", .greaterOrEqual, .integer(1000))),
        ("value(a,row_count)<-5", .value("a", name: "row_count", .less, .integer(-5))),
        ("value(a, n) != 1.5", .value("a", name: "n", .notEqual, .number(1.5))),
        ("value(a, n) > -1e-3", .value("a", name: "n", .greater, .number(-0.001))),
        ("value(a, n) <= 1.0", .value("a", name: "n", .lessOrEqual, .number(1))),
        (
            "value(x, \"max(updated_at)\") == '2026-01-01'",
            .value("x", name: "max(updated_at)", .equal, .text("2026-01-01"))
        ),
        ("value(x, s) == \"say \\\"hi\\\"\"", .value("x", name: "s", .equal, .text("say \"hi\""))),
    ]) func `compares with numbers and texts`(text: String, condition: Condition) throws {
        #expect(try Condition(parsing: text) == condition)
    }

    @Test func `takes keywords and digits as keys where only a key can stand`() throws {
        #expect(try Condition(parsing: "changed(and) or failed(2024)") == .any([.changed("and"), .failed("2024")]))
    }

    @Test(arguments: [
        ("", 0, nil, "expected 'changed(…)', 'failed(…)', 'value(…)', 'not' or '(', but the condition ends"),
        ("chnaged(a)", 0, "changed", "expected 'changed(…)', 'failed(…)', 'value(…)', 'not' or '(', found 'chnaged'"),
        ("Changed(a)", 0, "changed", "expected 'changed(…)'"),
        ("! changed(a)", 0, "not", "expected 'changed(…)'"),
        ("else", 0, nil, "expected 'changed(…)'"),
        ("changed(a) && failed(b)", 11, "and", "expected 'and', 'or' or the end, found '&&'"),
        ("changed(a) adn failed(b)", 11, "and", "expected 'and', 'or' or the end, found 'adn'"),
        ("changed(a) failed(b)", 11, nil, "expected 'and', 'or' or the end, found 'failed'"),
        ("changed a", 8, nil, "expected '(' after 'changed', found 'a'"),
        ("changed()", 8, nil, "expected an asset key, found ')'"),
        ("changed(key with spaces)", 12, nil, "expected ')', found 'with'"),
        ("(changed(a)", 11, nil, "expected 'and', 'or' or ')', but the condition ends"),
        ("value(a) > 1", 7, nil, "expected ',' and the name of a value, found ')'"),
        ("value(a, n) = 1", 12, "==", "expected '==', '!=', '<', '<=', '>' or '>=', found '='"),
        ("value(a, n) ! 1", 12, "!=", "expected '==', '!=', '<', '<=', '>' or '>=', found '!'"),
        ("value(a, n) => 1", 12, ">=", "expected '==', '!=', '<', '<=', '>' or '>=', found '=>'"),
        ("value(a, n) == ok", 15, nil, "expected a number or a text in quotation marks, found 'ok'"),
        ("value(a, n) == 0x10", 15, nil, "expected a number or a text in quotation marks, found '0x10'"),
        ("value(a, n) == 1.2.3", 15, nil, "expected a number or a text in quotation marks, found '1.2.3'"),
        ("value(a, n) == 99999999999999999999", 15, nil, "the number '99999999999999999999' is out of range"),
        ("value(a, n) == 1e999", 15, nil, "the number '1e999' is out of range"),
        ("value(a, max(b)) > 1", 12, "\"max(b)\"", "expected ')', found '('"),
        ("changed('ä", 8, nil, "the quotation is not closed that begins"),
    ]) func `that is wrong says where, and what was meant`(
        text: String,
        offset: Int,
        meant: String?,
        message: String
    ) throws {
        let error = try #require(throws: ConditionError.self) { try Condition(parsing: text) }
        #expect(error.offset == offset)
        #expect(error.nearest == meant)
        #expect(error.reason.description.hasPrefix(message), "\(error)")
        #expect(error.description.contains("at character \(offset + 1)"))
    }

    @Test func `may be nested 200 deep, and no deeper`() throws {
        let open = String(repeating: "(", count: 201)
        #expect(throws: ConditionError(.nestedTooDeep(limit: 200), at: 200)) { try Condition(parsing: open) }
        #expect(throws: ConditionError.self) { try Condition(parsing: String(repeating: "not ", count: 1_000_000)) }
        let text = String(repeating: "(", count: 200) + "changed(a)" + String(repeating: ")", count: 200)
        #expect(try Condition(parsing: text) == .changed("a"))
    }

    @Test func `prints with no more parentheses and quotation marks than it needs`() throws {
        let text = "changed(a) or (failed(b) or changed(c)) or not (changed(d) and failed(\"e f\"))"
        #expect(try Condition(parsing: text).description == text)
        #expect(
            try Condition(parsing: "((changed('a'))) or (failed(b) and (not changed(c)))").description
                == "changed(a) or failed(b) and not changed(c)"
        )
        #expect(Condition.any([.changed("a")]).description == "changed(a)")
        #expect(Condition.otherwise.description == "else")
        let value = Condition.value("a", name: "max(b)", .less, .number(2))
        #expect(value.description == "value(a, \"max(b)\") < 2.0")
    }

    @Test(arguments: 0..<1000) func `that is printed reads back the same`(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let condition = random(depth: 4, using: &generator)
        #expect(try Condition(parsing: condition.description) == condition, "\(condition)")
    }

    @Test(arguments: 0..<500) func `of any text is read or refused`(seed: UInt64) {
        var generator = SeededGenerator(seed)
        let pieces = [
            "changed(", "failed(", "value(", ")", "a", ", ", " and ", " or ", "not ", "(", "\"", "'", "\\", "==", "<",
            "-1", "ä", "1e5", "1.",
        ]
        let text = (0..<10).map { _ in pieces.randomElement(using: &generator)! }.joined()
        do throws(ConditionError) {
            let condition = try Condition(parsing: text)
            #expect(try Condition(parsing: condition.description) == condition, "\(text)")
        } catch {
            #expect((0...text.unicodeScalars.count).contains(error.offset), "\(text)")
        }
    }

    private func random(depth: Int, using generator: inout SeededGenerator) -> Condition {
        func word() -> String {
            let letters = [
                "a", "b", "/", "_", " ", "\"", "'", "\\", "(", ")", ",", "ä", "=", "&", "1", "\n", "e\u{301}", "and",
            ]
            return (0..<Int.random(in: 0...5, using: &generator)).map { _ in letters.randomElement(using: &generator)! }
                .joined()
        }
        func literal() -> ObservedValue {
            switch Int.random(in: 0...2, using: &generator) {
            case 0: return .integer(Int64(truncatingIfNeeded: generator.next()))
            case 1:
                let value = Double(bitPattern: generator.next())
                return .number(value.isFinite ? value : -0.0)
            default: return .text(word())
            }
        }
        func several() -> [Condition] {
            (0..<Int.random(in: 2...3, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) }
        }
        switch Int.random(in: depth > 0 ? 0...5 : 3...5, using: &generator) {
        case 0: return .any(several())
        case 1: return .all(several())
        case 2: return .not(random(depth: depth - 1, using: &generator))
        case 3: return .changed(AssetKey(word()))
        case 4: return .failed(AssetKey(word()))
        default:
            let comparison = Condition.Comparison.allCases.randomElement(using: &generator)!
            return .value(AssetKey(word()), name: word(), comparison, literal())
        }
    }
}
