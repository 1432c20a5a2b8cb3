import FreshetKit

/// Everything that can be asked for, with the least access to it; what is not here is not there.
package struct RouteTable: Sendable {
    package let routes: [Route]

    package init(_ routes: [Route]) { self.routes = routes }

    /// What a method and a target mean.
    package enum Match: Hashable, Sendable {
        case route(Route, parameters: [String: String])
        /// The path is there, for these methods.
        case otherMethods([String])
        case nothing
    }

    package func match(method: String, target: String) -> Match {
        guard let path = RoutePath(target: target) else { return .nothing }
        var methods: [String] = []
        for route in routes {
            guard let parameters = route.template.match(path) else { continue }
            if route.method == method { return .route(route, parameters: parameters) }
            methods.append(route.method)
        }
        return methods.isEmpty ? .nothing : .otherMethods(methods)
    }

    /// The API, the pages, and the files that they are made of.
    ///
    /// - Parameter files: the pages' files by their addresses, such as `/main.js`: each is a route of its own, so that no
    ///   path is ever made into the name of a file.
    package static func freshet(files: [String]) -> RouteTable {
        RouteTable(api + pages + files.map { .get(RouteTemplate($0), .open) })
    }

    /// docs/api/openapi.json says the same; a test compares them.
    package static let api: [Route] = reading + effects + signing + administration + machines

    private static let viewer = Access.role(.viewer)
    private static let `operator` = Access.role(.operator)
    private static let admin = Access.role(.admin)

    private static let reading: [Route] = [
        .get("/api/v1/assets", viewer),
        .get("/api/v1/assets/{asset}", viewer),
        .get("/api/v1/assets/{asset}/blame", viewer),
        .get("/api/v1/assets/{asset}/definition", viewer),
        .get("/api/v1/assets/{asset}/performance", viewer),
        .get("/api/v1/assets/{asset}/timeline", viewer),
        .get("/api/v1/assets/{asset}/versions", viewer),
        .get("/api/v1/audit", admin),
        .get("/api/v1/board", viewer),
        .get("/api/v1/config", viewer),
        .get("/api/v1/decisions", viewer),
        .get("/api/v1/events/stream", viewer),
        .get("/api/v1/lineage", viewer),
        .get("/api/v1/lineage/path", viewer),
        .get("/api/v1/lineage/states", viewer),
        .get("/api/v1/openapi.json", viewer),
        .get("/api/v1/operations/{operation}/candidates", `operator`),
        .get("/api/v1/runs", viewer),
        .get("/api/v1/runs/{run}", viewer),
        .get("/api/v1/runs/{run}/log", viewer),
        .get("/api/v1/runs/{run}/operations", viewer),
        .get("/api/v1/runs/{run}/steps", viewer),
        .get("/api/v1/runs/{run}/sub-steps", viewer),
        .get("/api/v1/savings", viewer),
        .get("/api/v1/schedules", viewer),
        .get("/api/v1/selections", viewer),
        .get("/api/v1/sensors", viewer),
        .get("/api/v1/ticks", viewer),
        .get("/api/v1/triggers/{trigger}", viewer),
        .get("/badges/{asset}.svg", viewer),
        .get("/metrics", viewer),
    ]

    private static let effects: [Route] = [
        .post("/api/v1/config/reload", admin, .project),
        .post("/api/v1/operations/{operation}/reattach", `operator`, .assets),
        .post("/api/v1/operations/{operation}/resolve", `operator`, .assets),
        .post("/api/v1/pauses", `operator`, .assets),
        .post("/api/v1/plans", viewer, .none),
        .post("/api/v1/runs", `operator`, .assets),
        .post("/api/v1/runs/{run}/cancel", `operator`, .assets),
        .post("/api/v1/runs/{run}/retry", `operator`, .assets),
        .post("/api/v1/sensors/{sensor}/reset", `operator`, .assets),
        .post("/api/v1/sensors/{sensor}/test", `operator`, .assets),
    ]

    private static let signing: [Route] = [
        .get("/api/v1/session", .open),
        .post("/api/v1/session", .open, .none),
        Route("DELETE", "/api/v1/session", viewer, reach: .none),
        .get("/api/v1/session/oidc", .open),
        .get("/api/v1/session/oidc/callback", .open),
        .post("/api/v1/session/links", .socket, .project),
        .post("/api/v1/session/password", viewer, .none),
    ]

    private static let administration: [Route] = [
        .get("/api/v1/tokens", admin),
        .post("/api/v1/tokens", admin, .project),
        .post("/api/v1/tokens/{token}/revoke", admin, .project),
        .get("/api/v1/users", admin),
        .post("/api/v1/users", admin, .project),
        .post("/api/v1/users/{user}/disable", admin, .project),
        .post("/api/v1/users/{user}/enable", admin, .project),
        .post("/api/v1/users/{user}/password", admin, .project),
        .post("/api/v1/users/{user}/role", admin, .project),
        .get("/api/v1/users/{user}/sessions", admin),
        .post("/api/v1/users/{user}/sign-out", admin, .project),
    ]

    private static let machines: [Route] = [
        .post("/api/v1/events", .ingest, .assets),
        .get("/healthz", .open),
        Route("OPTIONS", "/hooks/{source}", .signature, reach: .none),
        .post("/hooks/{source}", .signature, .none),
        .get("/readyz", .open),
    ]

    /// Addresses that a browser may open; each is answered with the same empty page, which asks the API for the rest.
    package static let pages: [Route] = [
        "/", "/assets", "/assets/{asset...}", "/audit", "/config", "/launch", "/lineage", "/login", "/runs", "/runs/{run}",
        "/savings", "/sensors",
    ].map { .get(RouteTemplate($0), .open) }
}
