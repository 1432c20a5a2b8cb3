internal import FreshetCore
package import FreshetKit

/// An application's access to Power BI, in one tenant.
package struct PowerBIConnection: Connection {
    package static let name = "powerbi"
    package static let summary = "Power BI, as an application (service principal) of one Microsoft Entra tenant."

    package static let fields: [Field] = [
        Field("tenant_id", .text, required: true, altersWork: false, "The tenant's id or domain."),
        Field("client_id", .text, required: true, altersWork: false, "The application's id."),
        Field("client_secret", .secret, required: true, altersWork: false, "The value of a client secret, not its id."),
        Field(
            "authority_url",
            .text,
            default: "https://login.microsoftonline.com",
            altersWork: false,
            "Where to sign in; differs in national clouds."
        ),
        Field(
            "api_url",
            .text,
            default: "https://api.powerbi.com",
            altersWork: false,
            "The REST interface, without /v1.0/myorg; differs in national clouds."
        ),
        Field(
            "scope",
            .text,
            default: "https://analysis.windows.net/powerbi/api/.default",
            altersWork: false,
            "What to ask access to; differs in national clouds."
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
        tenant_id: contoso.onmicrosoft.us
        client_id: ${env:POWERBI_CLIENT_ID}
        client_secret: ${secret:file/powerbi_client_secret}
        authority_url: https://login.microsoftonline.us
        api_url: https://api.powerbigov.us
        scope: https://analysis.usgovcloudapi.net/powerbi/api/.default
        poll_interval: 10s
        """,
    ]

    let client: PowerBIClient
    package let requests: RequestBudget?
    let directory: ModelDirectory
    /// How patient refreshes through this connection are; an asset adds what it does about conflicts.
    let policy: RefreshPolicy

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        let credentials = ClientCredentials(
            tenantID: try settings.requiredText("tenant_id"),
            clientID: try settings.requiredText("client_id"),
            clientSecret: try settings.requiredText("client_secret"),
            authorityURL: try settings.text("authority_url") ?? "https://login.microsoftonline.com",
            scope: try settings.text("scope") ?? "https://analysis.windows.net/powerbi/api/.default",
            surroundings: surroundings
        )
        let tokens = TokenCache(now: { surroundings.clock.now }, obtain: { await credentials.obtain() })
        let apiURL = try settings.text("api_url") ?? "https://api.powerbi.com"
        let rate = try settings.integer("requests_per_minute") ?? 200
        let budget = RequestBudget(perMinute: rate, burst: max(rate / 4, 1), clock: surroundings.clock)
        requests = budget
        client = PowerBIClient(apiURL: apiURL, tokens: tokens, surroundings: surroundings, budget: budget)
        directory = ModelDirectory(client)
        policy = try Self.policy(settings)
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
