import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

@Suite struct `SQL expressions` {
    @Test(arguments: [
        ("row_count", "row_count"), (" ROW_COUNT ", "row_count"), ("max(updated_at)", "max(updated_at)"),
        ("MAX( \"updated_at\" )", "max(updated_at)"), ("sum(\"a.b\")", "sum(\"a.b\")"), ("min(größe)", "min(größe)"),
        ("min(Last Change)", "min(Last Change)"),
    ])
    func `are named in one way however they are written`(text: String, name: String) throws {
        let expression = try SQLExpression(parsing: text)
        #expect(expression.name == name)
        #expect(try SQLExpression(parsing: name) == expression)
    }

    @Test(arguments: [
        ("rowcount", "write row_count"), ("row count", "write row_count"), ("count(*)", "write row_count"),
        ("count", "write row_count"), ("max updated_at", "write max(updated_at)"),
        ("maxx(updated_at)", "write max(updated_at)"), ("max", "write max(column)"),
        ("updated_at", "write max(updated_at)"), ("sum(a.b)", "name the column alone, in double quotation marks"),
        ("max(coalesce(a, b))", "make a view that has the expression as a column"),
        ("max(a\"b)", "write \"a\"\"b\""),
    ])
    func `that are mistaken come with the nearest right word`(text: String, hint: String) {
        let mistake = #expect(throws: SQLMistake.self) { try SQLExpression(parsing: text) }
        #expect(mistake?.hint?.hasPrefix(hint) == true, "\(String(describing: mistake))")
    }

    @Test(arguments: ["", "max()", "max(*)", "avg(x)", "1; DROP TABLE x", "max(\"a)", "max(\0)"])
    func `that mean nothing are refused`(text: String) {
        #expect(throws: SQLMistake.self) { try SQLExpression(parsing: text) }
    }
}

@Suite struct `SQL names` {
    @Test(arguments: [
        ("t", ["t"]), ("analytics.fct_sales", ["analytics", "fct_sales"]), ("\"Quoted.Name\".x", ["Quoted.Name", "x"]),
        (" a . \" b \" ", ["a", " b "]), ("\"we\"\"ird.x\".y", ["we\"ird.x", "y"]), ("Order Lines", ["Order Lines"]),
        ("\"db\".\"s\".\"T\"", ["db", "s", "T"]), ("Umsätze.Größe", ["Umsätze", "Größe"]),
    ])
    func `are split at the dots outside quotation marks`(text: String, parts: [String]) throws {
        let name = try SQLName(parsing: text)
        #expect(name.parts == parts)
        #expect(try SQLName(parsing: name.written) == name)
    }

    @Test(arguments: ["", "a.", ".a", "a..b", "\"\"", "\"a", "\"a\"b", "a\"b", "a.b.c.d", "a\0b"])
    func `that are no names are refused`(text: String) {
        #expect(throws: SQLMistake.self) { try SQLName(parsing: text) }
    }

    @Test func `are quoted with their quotation marks doubled`() throws {
        let table = try SQLName(parsing: "\"we\"\"ird.x\".\"; DROP TABLE y; --\"")
        #expect(try SQLDialect.postgreSQL.quote(table) == "\"we\"\"ird.x\".\"; DROP TABLE y; --\"")
    }

    @Test func `longer than PostgreSQL keeps are refused before another table is read`() throws {
        let longest = try SQLName(parsing: String(repeating: "ä", count: 31))
        #expect(throws: Never.self) { try SQLDialect.postgreSQL.quote(longest) }
        let overlong = try SQLName(parsing: String(repeating: "ä", count: 32))
        #expect(throws: SQLError.self) { try SQLDialect.postgreSQL.quote(overlong) }
        #expect(throws: Never.self) { try SQLDialect.sqlite.quote(overlong) }
    }

    @Test func `of three parts do not exist in SQLite`() throws {
        let table = try SQLName(parsing: "a.b.c")
        #expect(throws: SQLError.self) { try SQLDialect.sqlite.quote(table) }
    }
}

@Suite struct `SQL values` {
    @Test func `that differ have different canonical texts`() {
        let values: [SQLValue] = [
            .null, .text("null"), .text(""), .text(" "), .number("5"), .number("5.0"), .text("5"), .bytes([0x35]),
            .text("x\"35\""), .text("x35"), .text("a;b=c"), .text("a"), .text("\"a\""), .text("a\\"), .text("NaN"),
            .number("NaN"),
        ]
        #expect(Set(values.map(\.canonical)).count == values.count, "\(values.map(\.canonical))")
    }

    @Test func `cannot pass for the next value of a version`() throws {
        let first = try SQLExpression(parsing: "max(a)")
        let second = try SQLExpression(parsing: "max(b)")
        let one = SQLTableProbe.version(of: [(first, .text("1;max(b)=2")), (second, .text("3"))])
        let other = SQLTableProbe.version(of: [(first, .text("1")), (second, .text("2;max(b)=3"))])
        #expect(one != other)
    }

    @Test func `of PostgreSQL's times are written after ISO 8601`() {
        #expect(PostgreSQLSession.value("2026-05-04 05:58:00.25+00", type: 1184) == .text("2026-05-04T05:58:00.25Z"))
        #expect(PostgreSQLSession.value("2026-05-04 05:58:00", type: 1114) == .text("2026-05-04T05:58:00"))
        #expect(PostgreSQLSession.value("infinity", type: 1184) == .text("infinity"))
    }

    @Test func `are whole numbers in conditions where they fit`() {
        #expect(SQLValue.number("1204551").observed == .integer(1_204_551))
        #expect(SQLValue.number("9223372036854775808").observed == .number(9_223_372_036_854_775_808))
        #expect(SQLValue.number("NaN").observed == .text("NaN"))
        #expect(SQLValue.null.observed == nil)
    }
}

@Suite struct `The settings of an sql.table` {
    @Test func `point at the entry of the list that is wrong`() {
        let mistake = #expect(throws: Diagnostic.self) { try SQLFixture.probe("t", change: ["row_count", "rowcount"]) }
        #expect(mistake?.description.hasPrefix("assets/a.yaml:3:21: error: 'rowcount' is not one of") == true)
        #expect(mistake?.hint == "write row_count")
    }

    @Test func `point at a wrong table`() {
        let mistake = #expect(throws: Diagnostic.self) { try SQLFixture.probe("a..b") }
        #expect(mistake?.origin.line == 2)
    }

    @Test(arguments: ["row_count", "sum(x)", "updated_at"])
    func `refuse a data time that is no time`(text: String) {
        #expect(throws: Diagnostic.self) { try SQLFixture.probe("t", dataTime: text) }
    }

    @Test(arguments: [[], ["row_count", "row_count"], ["max(a)", "MAX(\"a\")"]])
    func `refuse an empty list and the same twice`(change: [String]) {
        #expect(throws: Diagnostic.self) { try SQLFixture.probe("t", change: change) }
    }

    @Test func `refuse a timeout of nothing`() {
        #expect(throws: Diagnostic.self) { try SQLFixture.probe("t", timeout: "0s") }
    }

    @Test func `count rows for half a minute unless they say otherwise`() throws {
        let probe = try SQLFixture.probe("t")
        #expect(probe.change == [.rowCount])
        #expect(probe.timeout == .seconds(30))
    }

    @Test(arguments: [
        (["row_count"], Strength.heuristic), (["row_count", "max(a)"], .probable), (["row_count", "sum(a)"], .probable),
        (["row_count", "min(a)"], .heuristic), (["max(a)"], .heuristic),
    ])
    func `say how strong the signal is`(change: [String], strength: Strength) throws {
        #expect(try SQLFixture.probe("t", change: change).strength == strength)
    }
}
