import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

struct `Names in SQL` {
    @Test(arguments: [
        ("fct_sales", ["fct_sales"]), ("analytics.fct_sales", ["analytics", "fct_sales"]), ("a.b.c", ["a", "b", "c"]),
        ("shop.\"Order Items\"", ["shop", "Order Items"]), ("\"a.b\".\"say \"\"hi\"\"\"", ["a.b", "say \"hi\""]),
        ("größe", ["größe"]), ("\"; DROP TABLE x; --\"", ["; DROP TABLE x; --"]), ("_x$1", ["_x$1"]),
    ])
    func `are split at dots outside quotes`(text: String, parts: [String]) {
        #expect(SQLTableName(text)?.parts.map(\.text) == parts)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "a b", "a;b", "1a", "\"", "\"a", "\"\"", "a\"b\"", "\"a\"b", "a.b.c.d", "a-b",
        "x'y",
        "a)--", "\"a\0b\"",
    ])
    func `that are none are refused`(text: String) { #expect(SQLTableName(text) == nil) }

    @Test func `are quoted as each database wants it`() throws {
        let table = try #require(SQLTableName("Shop.\"Say \"\"Hi\"\" `x`\""))
        #expect(SQLDialect.postgresql.quote(table) == "\"shop\".\"Say \"\"Hi\"\" `x`\"")
        #expect(SQLDialect.sqlite.quote(table) == "`Shop`.`Say \"Hi\" ``x```")
    }

    @Test(arguments: ["row_count", "max(updated_at)", "min(\"a(b)\")", "sum(x)"])
    func `stand within figures`(text: String) { #expect(SQLMeasure(text) != nil) }

    @Test(arguments: ["", "count", "max", "max()", "max(a", "max(a)b", "avg(a)", "max(a,b)", "max(a.b)", "max(1); x"])
    func `that are no figure are refused`(text: String) { #expect(SQLMeasure(text) == nil) }
}

struct `Moments that databases write` {
    @Test(arguments: [
        ("2026-05-04 05:58:00+00", "2026-05-04T05:58:00Z", 1_777_874_280_000),
        ("2026-05-04T05:58:00Z", "2026-05-04T05:58:00Z", 1_777_874_280_000),
        ("2026-05-04 07:58:00.123456+02", "2026-05-04T07:58:00.123456+02", 1_777_874_280_123),
        ("2026-05-04 00:28:00-05:30", "2026-05-04T00:28:00-05:30", 1_777_874_280_000),
        ("2026-05-04 05:58", "2026-05-04T05:58", 1_777_874_280_000), ("2026-05-04", "2026-05-04", 1_777_852_800_000),
        ("1969-12-31 23:59:59.5", "1969-12-31T23:59:59.5", -500), ("0001-01-01", "0001-01-01", -62_135_596_800_000),
        ("2024-02-29", "2024-02-29", 1_709_164_800_000),
    ])
    func `are read`(text: String, written: String, milliseconds: Int64) {
        let moment = MomentText(text)
        #expect(moment?.written == written)
        #expect(moment?.timestamp.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "infinity", "2026-13-01", "2026-02-29", "2026-05-04 24:00:00", "2026-05-04 05:58:00+0", "26-05-04",
        "2026-05-04 05:58:00 BC", "2026-05-04x", "12026-05-04", "2026-05-04 05:58:00.",
        "9999-12-31 23:30:00-01", "0001-01-01 00:30:00+01",
    ])
    func `that are none are texts`(text: String) { #expect(MomentText(text) == nil) }
}

struct `A reading of a table` {
    private func reading(_ measures: String..., dataTime: String? = nil) -> SQLReading {
        SQLReading(
            table: SQLTableName("t")!,
            measures: measures.map { SQLMeasure($0)! },
            dataTime: dataTime.map { SQLMeasure($0)! }
        )
    }

    private func version(_ reading: SQLReading, _ row: SQLValue...) throws -> VersionState {
        try reading.figures(SQLAnswer(columns: [], row: row)).version
    }

    @Test func `is one statement`() {
        let reading = reading("row_count", "max(Updated)", dataTime: "max(\"At\")")
        let expected = "SELECT count(*) AS f0, max(\"updated\") AS f1, max(\"At\") AS f2 FROM \"t\""
        #expect(reading.statement(.postgresql) == expected)
        #expect(reading.signal == "row_count, max(Updated)")
    }

    @Test func `gives a version that a person can read`() throws {
        let moment = try #require(MomentText("2026-05-04 05:58:00+00"))
        let row: [SQLValue] = [.integer(1_204_551), .moment(moment.timestamp, written: moment.written)]
        let version = try version(reading("row_count", "max(updated_at)"), row[0], row[1])
        #expect(version == .known("row_count=1204551;max(updated_at)=2026-05-04T05:58:00Z"))
    }

    @Test func `keeps what looks alike apart`() throws {
        let reading = reading("max(a)", "max(b)")
        let versions = [
            try version(reading, .null, .null), try version(reading, .text("null"), .null),
            try version(reading, .text("1;max(b)=2"), .null), try version(reading, .text("1%3Bmax(b)%3D2"), .null),
            try version(reading, .text(""), .null), try version(reading, .text("%6Eull"), .null),
        ]
        #expect(Set(versions).count == versions.count)
    }

    @Test func `becomes a hash when it is long`() throws {
        let one = try version(reading("max(a)"), .text(String(repeating: "x", count: 500) + "1"))
        let two = try version(reading("max(a)"), .text(String(repeating: "x", count: 500) + "2"))
        guard case .known(let version) = one else {
            Issue.record("\(one)")
            return
        }
        #expect(one != two)
        #expect(version.fingerprint.hasPrefix("hash=") && version.fingerprint.count < 60)
    }
}

struct `A signal of a table` {
    private func measures(_ texts: [String]) -> [SQLMeasure] { texts.map { SQLMeasure($0)! } }

    @Test(arguments: [
        (["row_count"], Strength.heuristic), (["max(a)"], .heuristic), (["row_count", "max(a)"], .probable),
        (["checksum"], .exact), (["checksum(a, b)"], .probable), (["table_version"], .probable),
        (["row_count", "checksum"], .exact),
    ])
    func `says how far it can be trusted, what it misses and what makes it cry wolf`(
        texts: [String],
        strength: Strength
    ) {
        let caveats = SQLMeasure.caveats(of: measures(texts))
        #expect(caveats.strength == strength)
        #expect(!caveats.misses.isEmpty)
    }

    @Test(arguments: [(SQLDialect.databricks, Strength.exact), (.sqlite, .probable), (.postgresql, .probable)])
    func `is as strong as the database behind it`(dialect: SQLDialect, strength: Strength) {
        #expect(SQLMeasure.strength(of: [.tableVersion], in: dialect) == strength)
    }

    @Test(arguments: ["max(a)", "sum(a)"])
    func `says that it never moves again behind infinity`(text: String) {
        #expect(SQLMeasure.caveats(of: measures([text])).misses.contains { $0.contains("infinity in a") })
    }

    @Test func `of two tiers is as weak as the weaker one`() throws {
        let tiers = SQLTiers(change: measures(["max(a)"]), confirm: measures(["checksum"]), confirmEvery: nil)
        #expect(tiers.strength(in: .sqlite) == .heuristic)
        let other = SQLTiers(change: [.tableVersion], confirm: measures(["row_count", "max(a)"]), confirmEvery: nil)
        #expect(other.strength(in: .databricks) == .probable)
    }
}

struct `Settings of a table's probe` {
    @Test(arguments: [
        ("table", "a b", "name of a table"), ("change", "count", "figure"), ("data_time", "row_count", "time"),
        ("data_time", "sum(a)", "time"), ("confirm", "row_count", "already"), ("confirm_every", "24h", "confirm"),
        ("safety_lag", "2m", "watermark"), ("change", "checksum()", "figure"), ("change", "max(a, b)", "figure"),
    ])
    func `that make no sense are told with their place`(field: String, value: String, words: String) {
        var fields: [(String, ConfigValue.Content)] = [("connection", "c"), ("table", "t")]
        fields.removeAll { $0.0 == field }
        fields.append((field, .text(value)))
        let origin = Origin(file: "a.yaml", line: 3, column: 5)
        let entries = fields.map { ConfigValue.Entry(key: $0, keyOrigin: origin, value: ConfigValue($1, at: origin)) }
        let error = #expect(throws: Diagnostic.self) {
            try SQLTableProbe(from: Settings(ConfigValue(.object(entries), at: origin)))
        }
        #expect(error?.message.contains(words) == true)
        #expect(error?.hint != nil)
        #expect(error?.origin == origin)
    }
}
