import FreshetCore
import FreshetKit

/// `/healthz`, `/readyz`, and the contract itself. The first two say nothing but `ok`.
enum HealthRoutes {
    static let all = [
        Route("GET", "/healthz", "getHealth", access: .public) { _ in .text("ok\n") },
        Route("GET", "/readyz", "getReady", access: .public) { call in
            _ = try await call.context.sight.position()
            return .text("ok\n")
        },
        Route("GET", "/api/v1/openapi.json", "getOpenAPI", access: .least(.viewer)) { call in
            var answer = Answer(body: .bytes(call.context.outside.contract, type: "application/json"))
            answer.tag = Tag.of(call.context.outside.contract)
            answer.headers["Freshet-Sequence"] = String(try await call.context.sight.position())
            answer.headers["Cache-Control"] = "private, no-cache"
            return answer
        },
    ]
}
