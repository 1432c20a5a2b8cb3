import FreshetKit

/// The pages: each address of `web/routes.js` is answered with the one document, and each file by its exact name.
package enum PageRoutes {
    static let all = pages.map { template, operation in page(template, operation) } + files.map(file)

    /// `/assets/{key}` has as many segments as the key has components.
    private static let pages =
        [
            ("/", "pageOverview"), ("/lineage", "pageLineage"), ("/assets", "pageAssets"), ("/runs", "pageRuns"),
            ("/runs/{run}", "pageRun"), ("/sensors", "pageSensors"), ("/launch", "pageLaunch"),
            ("/savings", "pageSavings"), ("/config", "pageConfig"), ("/audit", "pageAudit"), ("/login", "pageLogin"),
        ]
        + (1...12).map { count in
            ("/assets" + (1...count).map { "/{part\($0)}" }.joined(), "pageAsset\(count)")
        }

    /// By their paths in `web/`.
    package static let files = [
        "main.js", "routes.js", "shell.js", "lib/api.js", "lib/dom.js", "lib/live.js", "lib/router.js", "lib/theme.js",
        "lib/time.js", "lib/words.js", "pages/asset.js", "pages/assets.js", "pages/audit.js", "pages/config.js",
        "pages/launch.js", "pages/lineage.js", "pages/login.js", "pages/missing.js", "pages/overview.js",
        "pages/run.js", "pages/runs.js", "pages/savings.js", "pages/sensors.js", "parts/actions.js", "parts/asset.js",
        "parts/badge.js", "parts/chart.js", "parts/dialog.js", "parts/evidence.js", "parts/gantt.js", "parts/icon.js",
        "parts/keyboard.js", "parts/lineage.js", "parts/lineage-camera.js", "parts/lineage-hands.js",
        "parts/lineage-head.js", "parts/lineage-keys.js", "parts/lineage-paint.js", "parts/lineage-panel.js",
        "parts/lineage-table.js", "parts/log.js", "parts/search.js", "parts/table.js", "parts/timeline.js",
        "style/base.css", "style/icon.svg", "style/pages.css", "style/parts.css",
        "style/shell.css", "style/tokens.css",
    ]

    private static func page(_ template: String, _ operation: String) -> Route {
        // The document is the same for everybody and says nothing: what it shows passes the gate by itself.
        Route("GET", template, operation, access: .public) { call in try serve("index.html", call) }
    }

    /// The page that says so where there is none; `nil` where no pages are installed.
    static func missing(_ problem: Problem, _ context: ServerContext) -> Answer? {
        guard let bytes = context.outside.page("index.html") else { return nil }
        var answer = Answer(status: problem.status, headers: problem.headers)
        answer.body = .bytes(bytes, type: type(of: "index.html"))
        answer.headers["Cache-Control"] = "no-store"
        return answer
    }

    private static func file(_ name: String) -> Route {
        Route("GET", "/" + name, "file:" + name, access: .public) { call in try serve(name, call) }
    }

    private static func serve(_ name: String, _ call: Call) throws(Problem) -> Answer {
        guard let bytes = call.context.outside.page(name) else {
            throw Problem(.notFound, "The pages are not installed beside this program.")
        }
        var answer = Answer(body: .bytes(bytes, type: type(of: name)))
        answer.tag = Tag.of(bytes)
        answer.headers["Cache-Control"] = "no-cache"
        return answer
    }

    private static func type(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "text/html; charset=utf-8"
        }
    }
}
