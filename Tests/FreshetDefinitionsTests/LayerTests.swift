import Foundation
import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

@Suite struct LayerTests {
    private static let project = """
        project: test
        default_environment: prod
        environments:
          prod:
            defaults:
              test.model: {retry: {count: 5}, group: from-environment}
            connections:
              powerbi: {tenant_id: prod-tenant}
          dev: {}
        connections:
          powerbi: {kind: powerbi, tenant_id: t, client_id: c, client_secret: "${secret:env/S}"}
        sources:
          - dbt: {manifest: m.json}
        defaults:
          all: {owners: [everybody], timeout: 1h}
          test.model:
            automation: {on: change, quiet_period: 2m}
            retry: {count: 3, delay: 15m}
            connection: powerbi
        """

    private static let model = """
        assets:
          - key: m
            kind: test.model
            workspace: W
            model: M
            group: from-asset
            automation: {min_interval: 1h}
        """

    private func load(_ assets: String = model, environment: String? = nil, _ specs: [AssetSpec] = []) throws -> Project
    {
        let project = try TestProject(["freshet.yaml": Self.project, "assets/x.yaml": assets])
        return try project.load(environment: environment, resolved: specs.isEmpty ? [:] : ["dbt": specs]).project
    }

    @Test func `objects merge value by value from defaults over environment to asset`() throws {
        let spec = try #require(try load().asset("m")?.spec)
        let automation = AutomationPolicy(quietPeriod: .seconds(120), minInterval: .seconds(3600))
        #expect(spec.policy.automation == automation)
        #expect(spec.policy.retry.count == 5)
        #expect(spec.policy.retry.delay == .seconds(900))
        #expect(spec.policy.timeout == .seconds(3600))
        #expect(spec.labels.group == "from-asset")
        #expect(spec.labels.owners == ["everybody"])
    }

    @Test func `another environment leaves the defaults as they are`() throws {
        #expect(try load(environment: "dev").asset("m")?.spec.policy.retry.count == 3)
    }

    @Test func `an environment changes single fields of a connection`() throws {
        let settings = try #require(try load().connections.first?.settings)
        #expect(try settings.text("tenant_id") == "prod-tenant")
        #expect(try settings.text("client_id") == "c")
    }

    @Test func `null takes back what a lower layer states`() throws {
        let assets = Self.model + "\n    timeout: null\n    retry:\n"
        let spec = try #require(try load(assets).asset("m")?.spec)
        #expect(spec.policy.timeout == nil)
        #expect(spec.policy.retry == RetryPolicy())
    }

    @Test func `automation can be switched off against a default`() throws {
        let off = Self.model.replacingOccurrences(of: "{min_interval: 1h}", with: "false")
        let never = Self.model.replacingOccurrences(of: "{min_interval: 1h}", with: "{on: never}")
        #expect(try load(off).asset("m")?.spec.policy.automation == nil)
        #expect(try load(never).asset("m")?.spec.policy.automation == nil)
    }

    @Test func `defaults for all kinds pass by what they do not apply to`() throws {
        let assets = "assets: [{key: dbt/a, group: g}, {key: b, kind: fixed}]"
        let project = try load(assets)
        #expect(project.asset("b")?.spec.labels.owners == ["everybody"])
        #expect(project.asset("dbt/a")?.spec.policy.timeout == nil)
    }

    @Test func `what a source yields is there without being stated`() throws {
        let node = AssetSpec(
            key: "dbt/orders",
            role: .observed,
            codeVersion: "abc",
            labels: Labels(kind: "dbt.snapshot", group: "staging", tags: ["pii": ""])
        )
        let asset = try #require(try load(Self.model, [node]).asset("dbt/orders"))
        #expect(asset.spec.labels.kind == "dbt.snapshot")
        #expect(asset.spec.labels.tags == ["pii": ""])
        #expect(asset.spec.labels.owners == ["everybody"])
        #expect(asset.spec.codeVersion == "abc")
    }

    @Test func `stated fields win over those of a source, and the rest stays`() throws {
        let upstream = AssetSpec(key: "dbt/raw", role: .observed, labels: Labels(kind: "dbt.node"))
        let node = AssetSpec(
            key: "dbt/orders",
            role: .observed,
            dependencies: ["dbt/raw"],
            labels: Labels(kind: "dbt.node", group: "staging", description: "Orders.")
        )
        let project = try load("assets: [{key: dbt/orders, group: marts}]", [node, upstream])
        let spec = try #require(project.asset("dbt/orders")?.spec)
        #expect(spec.labels.group == "marts")
        #expect(spec.labels.description == "Orders.")
        #expect(spec.dependencies == ["dbt/raw"])
    }

    @Test func `a source that was read is asked for the right spelling`() throws {
        let node = AssetSpec(key: "dbt/orders", role: .observed, labels: Labels(kind: "dbt.node"))
        let files = [
            "freshet.yaml": Self.project, "assets/x.yaml": "assets: [{key: a, kind: fixed, deps: [dbt/order]}]",
        ]
        let project = try TestProject(files)
        let expected = "1:39 the source 'dbt' does not name 'dbt/order' (did you mean 'dbt/orders'?)"
        let mistakes = try project.mistakes(resolved: ["dbt": [node]])
        #expect(mistakes == ["warning: " + expected])
        #expect(try project.mistakes() == [])
    }

    @Test func `a dependency that a source yields and nobody knows is a warning`() throws {
        let node = AssetSpec(key: "dbt/a", role: .observed, dependencies: ["lost"], labels: Labels(kind: "dbt.node"))
        let project = try TestProject(["freshet.yaml": Self.project])
        let mistakes = try project.mistakes(resolved: ["dbt": [node]])
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.contains("yields 'dbt/a' as dependent on 'lost'") == true)
    }

    @Test func `the listing names the layer and the line of each value`() throws {
        let project = try load()
        let asset = try #require(project.asset("m"))
        let rows = ConfigListing(asset, catalog: StandIns.catalog).rows.map { row in
            "\(row.path) = \(row.value) | \(row.layer) \(row.origin.map { "\($0.file):\($0.line)" } ?? "-")"
        }
        #expect(
            rows == [
                "key = m | asset assets/x.yaml:2",
                "owners = [everybody] | defaults freshet.yaml:15",
                "timeout = 1h | defaults freshet.yaml:15",
                "automation.on = change | defaults freshet.yaml:17",
                "automation.quiet_period = 2m | defaults freshet.yaml:17",
                "automation.min_interval = 1h | asset assets/x.yaml:7",
                "automation.on_unknown = run | built in -",
                "automation.stagger = 0s | built in -",
                "automation.catchup = latest | built in -",
                "automation.always = false | built in -",
                "automation.refresh_on_day_change = false | built in -",
                "retry.count = 5 | environment freshet.yaml:6",
                "retry.delay = 15m | defaults freshet.yaml:18",
                "retry.factor = 1 | built in -",
                "retry.max_delay = 1h | built in -",
                "retry.jitter = 0.1 | built in -",
                "connection = powerbi | defaults freshet.yaml:19",
                "group = from-asset | asset assets/x.yaml:6",
                "kind = test.model | asset assets/x.yaml:3",
                "workspace = W | asset assets/x.yaml:4",
                "model = M | asset assets/x.yaml:5",
                "deps = [] | built in -",
                "tags = [] | built in -",
                "after = [] | built in -", "critical = false | built in -", "before = [] | built in -",
            ]
        )
    }

    @Test func `the listing of a connection shows a secret as its reference`() throws {
        let connection = try #require(try load().connections.first)
        let row = ConfigListing(connection).rows.first { $0.path == "client_secret" }
        #expect(row?.value == "${secret:env/S}")
        #expect(row?.layer == "project")
        #expect(ConfigListing(connection).rows.first { $0.path == "tenant_id" }?.layer == "environment")
    }
}
