import FreshetCore
import FreshetKit
import FreshetTelemetry

/// `GET /metrics`: figures for Prometheus; docs/monitoring.md has all of them.
enum MetricsRoutes {
    static let all = [Route("GET", "/metrics", "getMetrics", access: .least(.viewer), handle: metrics)]

    private static func metrics(_ call: Call) async throws -> Answer {
        let context = call.context
        let panorama = try await context.sight.panorama()
        let limits = await context.outside.limits()
        var text = PrometheusText()
        text.add("freshet_build_info", .gauge, "The program; always 1.", [([("version", context.version)], 1)])
        text.add(
            "freshet_up_epoch",
            .gauge,
            "The epoch in which this daemon writes; grows with each start.",
            Double(context.epoch.number)
        )
        Gauges(project: call.project, panorama: panorama).write(to: &text)
        let figures = context.meters.now
        for family in Family.allCases { text.add(family, figures) }
        add(limits, call.project, to: &text)
        addInterface(context.sight, to: &text)
        ProcessFigures().write(to: &text)
        return .text(text.text, type: "text/plain; version=0.0.4; charset=utf-8")
    }

    private static func add(_ limits: Outside.Limits, _ project: Project, to text: inout PrometheusText) {
        text.add(
            "freshet_rate_budget_tokens",
            .gauge,
            "Requests that could go out at once on a connection; 0 while its service throttles.",
            limits.tokens.sorted { $0.key < $1.key }.map { ([("connection", $0.key)], Double($0.value)) }
        )
        guard limits.quotas.count <= Gauges.most else { return }
        let quotas = limits.quotas.sorted { $0.key < $1.key }
        text.add(
            "freshet_quota_used",
            .gauge,
            "Refreshes of a model that count towards its quota now.",
            quotas.map { ([("model", $0.key.path)], Double($0.value.used)) }
        )
        text.add(
            "freshet_quota_limit",
            .gauge,
            "Refreshes of a model that its quota allows.",
            quotas.map { ([("model", $0.key.path)], Double($0.value.limit)) }
        )
    }

    private static func addInterface(_ sight: Sight, to text: inout PrometheusText) {
        text.add("freshet_sse_clients", .gauge, "Listeners of the event stream.", Double(sight.events.count))
        text.add(
            "freshet_http_requests_total",
            .counter,
            "Requests that were answered, by the operation of the API.",
            sight.requests.all.sorted { ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status) }
                .map { ([("route", $0.key.route), ("code", String($0.key.status))], Double($0.value)) }
        )
    }
}
