import Foundation
import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

@Suite struct SettingsTests {
    private static let model = "  - {key: m, kind: test.model, connection: powerbi, workspace: W, model: M"

    private func mistakes(_ fields: String) throws -> [String] {
        try TestProject(assets: "assets:\n\(Self.model), \(fields)}\n").mistakes().map { mistake in
            String(mistake.drop { $0 != " " }.dropFirst())
        }
    }

    private func spec(_ fields: String, more: String = "") throws -> AssetSpec {
        let project = try TestProject(assets: "assets:\n\(Self.model), \(fields)}\n", more: more)
        return try #require(try project.load().project.asset("m")?.spec)
    }

    // MARK: Policies

    @Test func `exponential backoff doubles and constant keeps`() throws {
        #expect(try spec("retry: {count: 2, backoff: exponential}").policy.retry.factor == 2)
        #expect(try spec("retry: {count: 2, backoff: constant}").policy.retry.factor == 1)
        #expect(try spec("retry: {count: 2, factor: 1.5}").policy.retry.factor == 1.5)
    }

    @Test func `a long delay lengthens the longest wait that nobody stated`() throws {
        #expect(try spec("retry: {count: 2, delay: 2h}").policy.retry.maxDelay == .seconds(7200))
    }

    @Test(arguments: [
        ("retry: {backoff: constant, factor: 1}", "'backoff' and 'factor' say the same in two ways"),
        ("retry: {delay: 2h, max_delay: 1h}", "'max_delay' is shorter than 'delay'"),
        ("freshness: {}", "'freshness' asks for nothing"),
        ("freshness: {on: daily, max_data_age: 1h}", "'on' means nothing without 'by'"),
        ("freshness: {by: \"7:30\", timezone: Mars/Base}", "there is no time zone 'Mars/Base'"),
        ("freshness: {by: \"7:30\", timezone: ../../etc/passwd}", "there is no time zone '../../etc/passwd'"),
        ("freshness: {by: \"7:30\", on: [monday]}", "'on' has to be mon, tue, wed"),
        ("automation: true", "'automation' has to be false or a mapping"),
        ("automation: sometimes", "'automation' has to be true or false; or a mapping, not 'sometimes'"),
        ("automation: {on: chnge}", "'on' has to be change, schedule or never, not 'chnge' (did you mean 'change'?)"),
        ("automation: {max_skip: 0s}", "'max_skip' has to be longer than nothing"),
        ("timeout: soon", "'timeout' has to be a duration"),
        ("deps: {a: b}", "'deps' has to be the key of an asset, or a list of them, not a mapping"),
        ("deps: [m]", "assets depend on each other: m -> m"),
        ("tags: [[a]]", "'tags' has to be a text, not a list"),
        ("retry: 3", "'retry' has to be a mapping, not '3'"),
        ("choose: []", "'choose' cannot be stated here: only a branch has arms"),
    ])
    func `what makes no sense is refused`(fields: String, message: String) throws {
        let found = try mistakes(fields)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix(message) == true, "\(found)")
    }

    @Test func `tags are names, or names with values`() throws {
        #expect(try spec("tags: [pii, gold]").labels.tags == ["pii": "", "gold": ""])
        #expect(try spec("tags: {tier: 1, team: bi}").labels.tags == ["tier": "1", "team": "bi"])
    }

    @Test func `one dependency needs no list`() throws {
        let project = try TestProject(assets: "assets: [{key: a, kind: fixed}, {key: b, kind: fixed, deps: a}]")
        #expect(try project.load().project.asset("b")?.spec.dependencies == ["a"])
    }

    @Test func `a probe can be asked to look now and then`() throws {
        let project = try TestProject(assets: "assets: [{key: a, kind: fixed, every: 5m}]")
        guard case .probed(_, every: .seconds(300))? = try project.load().project.asset("a")?.work else {
            Issue.record("the asset is not probed every five minutes")
            return
        }
    }

    // MARK: References

    @Test func `variables stand in for whole values and within texts, and keep what they are`() throws {
        let more = "vars: {place: North, count: 4}\n"
        let loaded = try TestProject(
            assets: """
                assets:
                  - key: ${var:place}/m
                    kind: test.model
                    connection: powerbi
                    workspace: "Sales ${var:place}, ${env:HOME}"
                    model: "$$5 ${var:place}"
                    refresh: {max_parallelism: "${var:count}"}
                """,
            more: more
        ).load().project
        let settings = try #require(loaded.asset("North/m")?.settings)
        #expect(try settings.text("workspace") == "Sales North, ${env:HOME}")
        #expect(try settings.text("model") == "$5 North")
        #expect(try settings.object("refresh").integer("max_parallelism") == 4)
    }

    @Test(arguments: [
        ("${var:x", "'${' is not closed by '}'"),
        ("${}", "'${}' is not a reference"),
        ("${vra:x}", "'${vra:x}' names the unknown provider 'vra' (did you mean 'var'?)"),
        ("${env:A B}", "'${env:A B}' does not name an environment variable"),
        ("${var:pas}", "there is no variable 'pas' (did you mean 'pass'?)"),
        ("${var:pass}", "the variable 'pass' holds a secret; a secret cannot stand in an asset"),
    ])
    func `a wrong reference is the only mistake that is told`(text: String, message: String) throws {
        let project = try TestProject(
            assets: "assets: [{key: m, kind: test.model, connection: powerbi, model: M, workspace: \"\(text)\"}]",
            more: "vars: {pass: \"${secret:env/X}\"}\n"
        )
        let found = try project.mistakes()
        #expect(found.count == 1)
        #expect(found.first?.contains(message) == true, "\(found)")
        // Behind the quotation mark.
        #expect(found.first?.hasPrefix("1:80 ") == true, "\(found)")
    }

    @Test func `what is escaped is no reference`() throws {
        let settings = try TestProject(assets: "assets: [{key: a, kind: fixed, version: \"$${x} $$1 $2\"}]")
            .load().project.asset("a")?.settings
        #expect(try settings?.text("version") == "$${x} $1 $2")
    }

    @Test func `a connection's text keeps its escapes for whoever resolves its references`() throws {
        let project = try TestProject(["freshet.yaml": "project: p\nconnections: {c: {kind: s3, bucket: a$$b}}\n"])
        #expect(try project.load().project.connections.first?.settings.text("bucket") == "a$$b")
    }

    @Test func `the store's place may come from the environment`() throws {
        let project = try TestProject(["freshet.yaml": "project: p\nstore: ${env:DATA}/f.db\n"])
        #expect(try project.load(variables: ["DATA": "/var/lib"]).project.store == "/var/lib/f.db")
        #expect(try project.mistakes() == ["2:8 the environment variable DATA is not set"])
    }

    @Test func `FRESHET_ENV counts for less than what is asked for`() throws {
        let text = "project: p\nenvironments: {a: {mode: observe}, b: {}}\n"
        let project = try TestProject(["freshet.yaml": text])
        #expect(try project.load(variables: ["FRESHET_ENV": "a"]).project.mode == .observe)
        #expect(try project.load(environment: "b", variables: ["FRESHET_ENV": "a"]).project.environment == "b")
        #expect(try project.load().project.environment == nil)
        let error = #expect(throws: LoadError.self) { try project.load(variables: ["FRESHET_ENV": "c"]) }
        #expect(error?.description.contains("there is no environment 'c', which FRESHET_ENV asks for") == true)
    }

    @Test func `an environment that does not apply is checked as far as possible`() throws {
        let more = """
            environments:
              dev:
                mod: act
                connections: {powerbi: {tenantid: x, client_id: "${var:unknown}"}}
                defaults: {test.model: {retry: {cuont: 1}}}
            """
        let mistakes = try TestProject(assets: "assets: []", more: more).mistakes().sorted()
        #expect(
            mistakes.map { $0.drop { $0 != " " }.dropFirst() } == [
                "the key 'mod' is unknown here (did you mean 'mode'?)",
                "the key 'tenantid' is unknown here (did you mean 'tenant_id'?)",
                "the key 'cuont' is unknown here (did you mean 'count'?)",
            ]
        )
    }

    // MARK: Branches

    private func branchMistakes(_ arms: String) throws -> [String] {
        let assets = """
            assets:
              - {key: a, kind: fixed}
              - {key: gate, kind: branch, deps: [a], \(arms)}
            \(Self.model), deps: [gate]}
            """
        return try TestProject(assets: assets).mistakes().map { String($0.drop { $0 != " " }.dropFirst()) }
    }

    @Test(
        arguments: [
            ("choose: [{if: changed(a), then: m}]", nil),
            ("choose: [{if: changed(a), then: []}, {else: m}]", nil),
            ("choose_all: [{if: changed(a), then: [m]}, {if: failed(a), then: m}]", nil),
            ("group: x", "a branch has to state its arms"),
            ("choose: [{else: [m]}], choose_all: [{else: [m]}]", "a branch states 'choose' or 'choose_all', not both"),
            ("choose: []", "a branch needs at least one arm"),
            ("choose: [{if: changed(a)}, {else: [m]}]", "this arm leads nowhere"),
            ("choose: [{then: [m]}]", "an arm needs 'if' and 'then', or 'else'"),
            ("choose: [{if: changed(a), then: [], else: [m]}]", "'else' is an arm of its own"),
            ("choose: [{if: \"\", then: [m]}]", "the condition is not right"),
            ("choose: [{when: changed(a), then: [m]}]", "the key 'when' is unknown here"),
        ] as [(String, String?)]
    )
    func `arms are read or refused`(arms: String, message: String?) throws {
        let found = try branchMistakes(arms)
        guard let message else {
            #expect(found == [])
            return
        }
        #expect(found.first?.hasPrefix(message) == true, "\(found)")
    }

    @Test func `every mistake of a graph is told at once`() throws {
        let model = "kind: test.model, connection: powerbi, workspace: W"
        let assets = """
            assets:
              - {key: a, kind: fixed}
              - {key: b, kind: fixed}
              - {key: one, kind: branch, deps: [a], choose: [{if: changed(b), then: [p]}]}
              - {key: two, kind: branch, deps: [a], choose: [{if: changed(a), then: [q]}]}
              - {key: p, \(model), model: P, deps: [one, two]}
              - {key: q, \(model), model: Q, deps: [nowhere]}
              - {key: r, \(model), model: R, deps: [one]}
            """
        let messages = try TestProject(assets: assets).mistakes().map { $0.prefix { $0 != "(" } }
        #expect(
            messages == [
                "4:63 branch 'one' asks about 'b', which is not one of its inputs ",
                "5:74 branch 'two' names 'q', which does not depend on it ",
                "6:89 asset 'p' stands in no arm of 'two', which it depends on ",
                "7:84 'q' depends on 'nowhere', and there is no such asset ",
                "8:84 asset 'r' stands in no arm of 'one', which it depends on ",
            ]
        )
    }

    // MARK: Code versions

    private func codeVersion(_ fields: String, more: String = "") throws -> String {
        try spec(fields, more: more).codeVersion
    }

    @Test(arguments: [
        "refresh: {max_parallelism: 4}", "automation: {on: change}", "retry: {count: 3}", "tags: [x]", "timeout: 1h",
        "group: g, owners: o, description: d", "refresh: {commit_mode: transactional}",
    ])
    func `what does not alter the work does not alter the code version`(fields: String) throws {
        let refresh = fields.hasPrefix("refresh") ? "refresh: {}" : "group: x"
        #expect(try codeVersion(fields) == codeVersion(refresh))
    }

    @Test func `what alters the work alters the code version, in whatever order it stands`() throws {
        let plain = try codeVersion("refresh: {}")
        let partial = try codeVersion("refresh: {commit_mode: partialBatch}")
        let tables = try codeVersion(
            "refresh: {commit_mode: partialBatch, tables: {a: {from: dbt/x}, b: {from: dbt/y}}}, deps: []",
            more: Self.more
        )
        let reversed = try codeVersion(
            "refresh: {tables: {b: {from: [dbt/y]}, a: {from: dbt/x}}, commit_mode: partialBatch}",
            more: Self.more
        )
        #expect(Set([plain, partial, tables]).count == 3)
        #expect(tables == reversed)
    }

    private static let more = "sources: [{dbt: {manifest: m, prefix: dbt}}]\n"
}
