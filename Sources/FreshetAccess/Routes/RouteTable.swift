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
        // What may be read may also be asked for without its body (RFC 9110, section 9.3.2).
        let method = method == "HEAD" ? "GET" : method
        for route in routes {
            guard let parameters = route.template.match(path) else { continue }
            if route.method == method { return .route(route, parameters: parameters) }
            methods.append(route.method)
        }
        return methods.isEmpty ? .nothing : .otherMethods(methods)
    }

    /// The API, the pages, and the files that they are made of.
    ///
    /// Each of the pages' files, which are named by their addresses such as `/main.js`, is a route of its own, so that no
    /// path is ever made into the name of a file.
    package static func freshet(files: [String]) -> RouteTable {
        RouteTable(api + commands + pages + files.map { .get(RouteTemplate($0), nil, .open) })
    }

    /// docs/api/openapi.json says the same; a test compares them.
    package static let api: [Route] = reading + effects + signing + administration + machines

    private static let viewer = Access.role(.viewer)
    private static let `operator` = Access.role(.operator)
    private static let admin = Access.role(.admin)

    private static let reading: [Route] = [
        .get("/api/v1/assets", "listAssets", viewer),
        .get("/api/v1/assets/{asset}", "getAsset", viewer),
        .get("/api/v1/assets/{asset}/blame", "getBlame", viewer),
        .get("/api/v1/assets/{asset}/definition", "getDefinition", viewer),
        .get("/api/v1/assets/{asset}/performance", "getPerformance", viewer),
        .get("/api/v1/assets/{asset}/timeline", "getTimeline", viewer),
        .get("/api/v1/assets/{asset}/versions", "listVersions", viewer),
        .get("/api/v1/audit", "listAudit", admin),
        .get("/api/v1/board", "getBoard", viewer),
        .get("/api/v1/config", "getConfig", viewer),
        .get("/api/v1/decisions", "listDecisions", viewer),
        .get("/api/v1/events/stream", "streamEvents", viewer),
        .get("/api/v1/lineage", "getLineage", viewer),
        .get("/api/v1/lineage/path", "getPath", viewer),
        .get("/api/v1/lineage/states", "getLineageStates", viewer),
        .get("/api/v1/openapi.json", "getOpenAPI", viewer),
        .get("/api/v1/operations/{operation}/candidates", "listCandidates", `operator`),
        .get("/api/v1/runs", "listRuns", viewer),
        .get("/api/v1/runs/{run}", "getRun", viewer),
        .get("/api/v1/runs/{run}/log", "getLog", viewer),
        .get("/api/v1/runs/{run}/operations", "listOperations", viewer),
        .get("/api/v1/runs/{run}/steps", "listSteps", viewer),
        .get("/api/v1/runs/{run}/sub-steps", "listSubSteps", viewer),
        .get("/api/v1/savings", "getSavings", viewer),
        .get("/api/v1/schedules", "listSchedules", viewer),
        .get("/api/v1/selections", "resolveSelection", viewer),
        .get("/api/v1/sensors", "listSensors", viewer),
        .get("/api/v1/ticks", "listTicks", viewer),
        .get("/api/v1/triggers/{trigger}", "getTrigger", viewer),
        .get("/badges/{asset}.svg", "getBadge", .badge),
        .get("/metrics", "getMetrics", viewer),
    ]

    private static let effects: [Route] = [
        .post("/api/v1/config/reload", "reloadConfig", admin, .project),
        .post("/api/v1/operations/{operation}/reattach", "reattach", `operator`, .assets),
        .post("/api/v1/operations/{operation}/resolve", "resolve", `operator`, .assets),
        .post("/api/v1/pauses", "setPaused", `operator`, .assets),
        .post("/api/v1/plans", "createPlan", viewer, .none),
        .post("/api/v1/runs", "createRun", `operator`, .assets),
        .post("/api/v1/runs/{run}/cancel", "cancelRun", `operator`, .assets),
        .post("/api/v1/runs/{run}/retry", "retryRun", `operator`, .assets),
        .post("/api/v1/sensors/{sensor}/reset", "resetSensor", `operator`, .assets),
        .post("/api/v1/sensors/{sensor}/test", "testSensor", `operator`, .assets),
    ]

    private static let signing: [Route] = [
        .get("/api/v1/session", "getSession", .open),
        .post("/api/v1/session", "signIn", .open, .none),
        Route("DELETE", "/api/v1/session", "signOut", viewer, reach: .none),
        .get("/api/v1/session/oidc", "signInOIDC", .open),
        .get("/api/v1/session/oidc/callback", "finishOIDC", .open),
        .post("/api/v1/session/links", "createLink", .socket, .project),
        .post("/api/v1/session/password", "changePassword", viewer, .none),
    ]

    private static let administration: [Route] = [
        .get("/api/v1/tokens", "listTokens", admin),
        .post("/api/v1/tokens", "createToken", admin, .project),
        .post("/api/v1/tokens/{token}/revoke", "revokeToken", admin, .project),
        .get("/api/v1/users", "listUsers", admin),
        .post("/api/v1/users", "addUser", admin, .project),
        .post("/api/v1/users/{user}/disable", "disableUser", admin, .project),
        .post("/api/v1/users/{user}/enable", "enableUser", admin, .project),
        .post("/api/v1/users/{user}/password", "setUserPassword", admin, .project),
        .post("/api/v1/users/{user}/role", "setUserRole", admin, .project),
        .get("/api/v1/users/{user}/sessions", "listUserSessions", admin),
        .post("/api/v1/users/{user}/sign-out", "signUserOut", admin, .project),
    ]

    private static let machines: [Route] = [
        .post("/api/v1/events", "receiveEvent", .ingest, .assets),
        .get("/healthz", "getHealth", .open),
        Route("OPTIONS", "/hooks/{source}", "handshakeHook", .signature, reach: .none),
        .post("/hooks/{source}", "receiveHook", .signature, .none),
        .get("/readyz", "getReady", .open),
    ]

    /// What the commands alone ask of their daemon; it is no part of the contract.
    package static let commands: [Route] = [.post("/api/v1/triggers", "createTrigger", .socket, .project)]

    /// Addresses that a browser may open; each is answered with the same empty page, which asks the API for the rest.
    package static let pages: [Route] = [
        "/", "/assets", "/assets/{asset...}", "/audit", "/config", "/launch", "/lineage", "/login", "/runs",
        "/runs/{run}",
        "/savings", "/sensors",
    ].map { .get(RouteTemplate($0), nil, .open) }
}
