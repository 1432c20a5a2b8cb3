internal import FreshetCore
internal import FreshetEntra
package import FreshetKit

/// An application's access to Power BI, in one tenant.
package struct PowerBIConnection: Connection {
    package static let name = "powerbi"
    package static let summary =
        "Power BI, as an application (service principal) or a managed identity of one Microsoft Entra tenant."

    package static let fields: [Field] =
        EntraAccess.fields + [
            Field(
                "api_url",
                .text,
                default: EntraCloud.public.powerBIURL,
                altersWork: false,
                "The REST interface, without /v1.0/myorg; that of the cloud unless it is stated."
            ),
            Field(
                "scope",
                .text,
                default: EntraCloud.public.powerBIScope,
                altersWork: false,
                "What to ask access to; that of the cloud unless it is stated."
            ),
            Field(
                "ca_file",
                .text,
                altersWork: false,
                "A PEM file of the authorities to trust in place of the system's, for a proxy or an emulator."
            ),
            Field(
                "poll_interval",
                .duration,
                default: "5s",
                altersWork: false,
                "The wait after the first look at a refresh."
            ),
            Field(
                "poll_max_interval",
                .duration,
                default: "1m",
                altersWork: false,
                "The longest wait between looks; each is half as long again as the last."
            ),
            Field(
                "reconcile_after",
                .list(.duration),
                default: "[30s, 1m, 2m]",
                altersWork: false,
                "When history is read again for a request that got no answer, counted from the first reading."
            ),
            Field(
                "missing_grace",
                .duration,
                default: "5m",
                altersWork: false,
                "How long an accepted refresh may be missing before it counts as lost."
            ),
            Field(
                "cancel_grace",
                .duration,
                default: "2m",
                altersWork: false,
                "How long a cancelled refresh may take to end before it counts as still running."
            ),
            Field(
                "requests_per_minute",
                .integer(1...100_000),
                default: "200",
                altersWork: false,
                "How many calls this application may make in a minute; a quarter of them may go out together."
            ),
        ]

    package static let examples = [
        """
        kind: powerbi
        tenant_id: ${env:POWERBI_TENANT_ID}
        client_id: ${env:POWERBI_CLIENT_ID}
        client_secret: ${secret:env/POWERBI_CLIENT_SECRET}
        """,
        """
        kind: powerbi
        cloud: us_gov_high
        tenant_id: contoso.onmicrosoft.us
        client_id: ${env:POWERBI_CLIENT_ID}
        certificate: ${secret:file/powerbi.pem}
        poll_interval: 10s
        """,
        """
        kind: powerbi
        managed_identity: {client_id: 00001111-aaaa-2222-bbbb-3333cccc4444}
        """,
    ]

    let client: PowerBIClient
    package let requests: RequestBudget?
    let directory: ModelDirectory
    /// How patient refreshes through this connection are; an asset adds what it does about conflicts.
    let policy: RefreshPolicy

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        let surroundings = try Self.trusting(settings, surroundings)
        let access = try EntraAccess(from: settings, in: surroundings)
        let tokens = access.tokens(scope: try settings.text("scope") ?? access.cloud.powerBIScope)
        let apiURL = try settings.text("api_url") ?? access.cloud.powerBIURL
        let rate = try settings.integer("requests_per_minute") ?? 200
        let budget = RequestBudget(perMinute: rate, burst: max(rate / 4, 1), clock: surroundings.clock)
        requests = budget
        client = PowerBIClient(apiURL: apiURL, tokens: tokens, surroundings: surroundings, budget: budget)
        directory = ModelDirectory(client)
        policy = try Self.policy(settings)
    }

    /// The surroundings with a transport that trusts what `ca_file` says, if it says anything.
    private static func trusting(_ settings: Settings, _ surroundings: Surroundings) throws(Diagnostic) -> Surroundings
    {
        guard let caFile = try settings.text("ca_file") else { return surroundings }
        let path = caFile.hasPrefix("/") ? caFile : "\(surroundings.root)/\(caFile)"
        var trusting = surroundings
        trusting.transport = TrustingTransport(base: surroundings.transport, caFile: path)
        return trusting
    }

    private static func policy(_ settings: Settings) throws(Diagnostic) -> RefreshPolicy {
        var policy = RefreshPolicy()
        policy.pollInterval = try positive("poll_interval", settings) ?? policy.pollInterval
        policy.pollMaxInterval = try positive("poll_max_interval", settings) ?? policy.pollMaxInterval
        policy.missingGrace = try positive("missing_grace", settings) ?? policy.missingGrace
        policy.cancelGrace = try positive("cancel_grace", settings) ?? policy.cancelGrace
        if settings.has("reconcile_after") {
            policy.reconcileAfter = []
            for text in try settings.texts("reconcile_after") {
                guard let wait = Duration(parsing: text), wait >= policy.reconcileAfter.last ?? .zero else {
                    throw Diagnostic(
                        "'reconcile_after' has to be durations in ascending order",
                        at: settings.origin(of: "reconcile_after"),
                        hint: "such as [30s, 1m, 2m]"
                    )
                }
                policy.reconcileAfter.append(wait)
            }
        }
        return policy
    }

    private static func positive(_ name: String, _ settings: Settings) throws(Diagnostic) -> Duration? {
        guard let duration = try settings.duration(name) else { return nil }
        if duration > .zero { return duration }
        throw Diagnostic("'\(name)' has to be more than zero", at: settings.origin(of: name))
    }
}
