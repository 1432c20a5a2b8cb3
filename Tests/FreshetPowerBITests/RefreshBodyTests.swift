import FreshetCore
import FreshetKit
import Testing

@testable import FreshetPowerBI

@Suite struct RefreshBodyTests {
    private func options(
        _ fields: [(String, ConfigValue.Content)],
        isStandard: Bool = false
    ) throws(Diagnostic) -> RefreshOptions {
        try RefreshOptions(from: settings(fields), isStandard: isStandard)
    }

    private static let tables: (String, ConfigValue.Content) = (
        "tables",
        object([
            (
                "b",
                object([
                    ("from", .text("x")),
                    ("partition", .list([.init(.text("p2"), at: here), .init(.text("p1"), at: here)])),
                ])
            ),
            ("a", object([("from", .list([.init(.text("x"), at: here), .init(.text("y"), at: here)]))])),
        ])
    )
    private static let here = Origin(file: "assets.yaml")

    @Test func `names no objects for the whole model, and leaves the policy to the service`() throws {
        let body = try options([Self.tables]).body(for: .whole)
        #expect(body.text == #"{"commitMode":"transactional","type":"full"}"#)
        #expect(body.objects == [])
    }

    @Test func `names tables and partitions in order, and rules the policy out for partitions`() throws {
        let body = try options([Self.tables]).body(for: .parts(["b", "a"]))
        #expect(
            body.text
                == #"{"applyRefreshPolicy":false,"commitMode":"transactional","objects":[{"table":"a"},{"partition":"p1","table":"b"},{"partition":"p2","table":"b"}],"type":"full"}"#
        )
        #expect(body.objects == ["a", "b/p1", "b/p2"])
    }

    @Test func `leaves the policy to the service for whole tables`() throws {
        let body = try options([Self.tables]).body(for: .parts(["a"]))
        #expect(body.text == #"{"commitMode":"transactional","objects":[{"table":"a"}],"type":"full"}"#)
    }

    @Test func `rules the policy out for partial batches, and sends real types`() throws {
        let body = try options([
            ("commit_mode", .text("partial_batch")), ("max_parallelism", .integer(2)), ("retry_count", .integer(1)),
            ("timeout", .text("2h30m5s")), ("type", .text("data_only")),
        ]).body(for: .whole)
        #expect(
            body.text
                == #"{"applyRefreshPolicy":false,"commitMode":"partialBatch","maxParallelism":2,"retryCount":1,"timeout":"02:30:05","type":"dataOnly"}"#
        )
    }

    @Test func `knows the assets that each table is loaded from`() throws {
        let kind = try SemanticModelRefresh(
            from: settings([
                ("connection", .text("powerbi")), ("workspace", .text("w")), ("model", .text("m")),
                ("refresh", object([Self.tables])),
            ])
        )
        #expect(kind.parts == ["a": ["x", "y"], "b": ["x"]])
    }

    @Test(arguments: [
        (
            false, [("commit_mode", "partial_batch"), ("apply_refresh_policy", "true")], 2,
            "a refresh policy works only"
        ),
        (false, [("timeout", "24h")], 1, "'timeout' has to be"),
        (false, [("type", "add")], 1, "'type' has to be one of"),
        (true, [("type", "calculate")], 1, "'type' needs dedicated capacity"),
        (true, [("type", "full"), ("max_parallelism", "2")], 2, "'max_parallelism' needs dedicated capacity"),
    ])
    func `points at a combination that the service would not do`(
        _ isStandard: Bool,
        _ fields: [(String, String)],
        _ line: Int,
        _ message: String
    ) throws {
        let contents = fields.map { name, text -> (String, ConfigValue.Content) in
            (name, text == "true" ? .boolean(true) : Int64(text).map { .integer($0) } ?? .text(text))
        }
        let diagnostic = #expect(throws: Diagnostic.self) { try options(contents, isStandard: isStandard) }
        #expect(diagnostic?.origin.line == line)
        #expect(diagnostic?.message.contains(message) == true, "\(diagnostic.map { "\($0)" } ?? "")")
    }

    @Test func `refuses partitions beside a policy and on shared capacity`() {
        #expect(throws: Diagnostic.self) { try options([Self.tables, ("apply_refresh_policy", .boolean(true))]) }
        #expect(throws: Diagnostic.self) { try options([Self.tables], isStandard: true) }
    }
}
