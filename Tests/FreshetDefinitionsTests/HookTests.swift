import FreshetCore
import FreshetKit
import Testing

@testable import FreshetDefinitions

/// The section `hooks` of freshet.yaml.
struct HookTests {
    private static let assets = """
        assets:
          - {key: warehouse/orders, kind: sql.table, connection: warehouse, table: public.orders, change: [row_count]}
          - {key: warehouse/stock, kind: sql.table, connection: warehouse, table: public.stock, change: [row_count]}
        """

    private func project(_ hooks: String) throws -> TestProject {
        try TestProject(["freshet.yaml": TestProject.minimal + "hooks:\n\(hooks)", "assets/x.yaml": Self.assets])
    }

    /// Where `hooks:` stands in the file.
    private static let line = TestProject.minimal.split(separator: "\n", omittingEmptySubsequences: false).count

    @Test func `names who may push hints, in the order of their names`() throws {
        let loaded = try project(
            """
              storage:
                kind: cloudevents
                secret: ["${secret:env/OLD}", "${secret:env/NEW}"]
                origins: EventGrid.azure.net
                assets: "warehouse/*"
                per_minute: 600
              dbt: {kind: dbt, secret: "${secret:file/dbt}", sensor: warehouse/stock}
              queue: {kind: sns, topics: ["arn:aws:sns:eu-central-1:123456789012:dbt"], assets: warehouse/orders}
            """
        ).load()
        let hooks = loaded.project.hooks
        #expect(hooks.map(\.name) == ["dbt", "queue", "storage"])
        #expect(hooks.map(\.kind) == [.dbt, .sns, .cloudevents])
        #expect(hooks.map(\.assets) == [[], ["warehouse/orders"], ["warehouse/orders", "warehouse/stock"]])
        #expect(hooks.map(\.sensor) == ["warehouse/stock", nil, nil])
        #expect(hooks.map(\.secrets) == [["${secret:file/dbt}"], [], ["${secret:env/OLD}", "${secret:env/NEW}"]])
        #expect(hooks.map(\.perMinute) == [60, 60, 600])
        #expect(hooks[2].origins == ["eventgrid.azure.net"])
        #expect(hooks[1].topics == ["arn:aws:sns:eu-central-1:123456789012:dbt"])
        #expect(loaded.warnings.isEmpty)
    }

    private static let secret = #"secret: "${secret:env/S}""#

    @Test(arguments: [
        ("  - github", 1, 3, "'hooks' has to be a mapping of names to mappings, not a list"),
        ("  GitHub: {kind: github}", 1, 3, "'GitHub' cannot be the name of a hook"),
        ("  github: text", 1, 11, "the hook 'github' has to be a mapping"),
        ("  github: {kind: gitlab}", 1, 18, "'kind' has to be cloudevents, dbt, github, plain or sns"),
        ("  github: {}", 1, 11, "'kind' is required here"),
        ("  github: {kind: github, assets: warehouse/orders}", 1, 3, "has no secret, so that anybody could send to it"),
        ("  github: {kind: github, secret: abc, assets: a}", 1, 34, "'secret' holds a secret in plain text"),
        ("  github: {kind: github, \(secret)}", 1, 3, "does not say what to look at"),
        ("  github: {kind: github, \(secret), sensor: warehouse/order}", 1, 61, "there is no sensor 'warehouse/order'"),
        ("  github: {kind: github, \(secret), assets: warehouse/order}", 1, 61, "unknown asset 'warehouse/order'"),
        ("  github: {kind: github, \(secret), assets: 'warehouse/orders and'}", 1, 82, "but the selection ends"),
        ("  github: {kind: github, \(secret), topics: x, assets: '*'}", 1, 61, "'topics' is for hooks of the kind sns"),
        ("  github: {kind: github, \(secret), origins: x, assets: '*'}", 1, 62, "'origins' is for hooks of the kind"),
        ("  github: {kind: github, \(secret), asset: '*'}", 1, 53, "the key 'asset' is unknown here"),
        ("  q: {kind: sns, assets: '*'}", 1, 3, "names no topic, so that any account of AWS could send to it"),
        ("  q: {kind: sns, topics: dbt, assets: '*'}", 1, 26, "'dbt' is not the ARN of a topic"),
        ("  q: {kind: sns, \(secret), assets: '*'}", 1, 26, "SNS signs with a certificate and shares no secret"),
        (
            #"  d: {kind: dbt, secret: ["${secret:env/A}", "${secret:env/B}", "${secret:env/C}"], assets: '*'}"#, 1, 26,
            "here are 3"
        ),
    ])
    func `points at mistakes`(hooks: String, line: Int, column: Int, words: String) throws {
        let error = #expect(throws: LoadError.self) { try project(hooks + "\n").load() }
        guard case .invalid(let found)? = error else { return }
        let place = "freshet.yaml:\(Self.line + line):\(column)"
        #expect(found.contains { "\($0.origin)" == place && $0.message.contains(words) }, "\(found)")
    }

    @Test func `suggests the nearest spelling`() throws {
        let hook = "  d: {kind: dbt, \(Self.secret), assets: warehouse/order, sensor: warehouse/stok}\n"
        let mistakes = try project(hook).mistakes()
        #expect(mistakes.contains { $0.contains("did you mean 'warehouse/orders'?") }, "\(mistakes)")
        #expect(mistakes.contains { $0.contains("did you mean 'warehouse/stock'?") }, "\(mistakes)")
    }

    @Test func `warns of a selection that selects nothing`() throws {
        let mistakes = try project("  d: {kind: dbt, \(Self.secret), assets: \"nothing/*\"}\n").mistakes()
        #expect(mistakes.contains { $0.contains("the hook 'd' selects no asset") }, "\(mistakes)")
    }
}
