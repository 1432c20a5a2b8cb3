import FreshetCore
import FreshetKit
import FreshetView

/// `GET /badges/{asset}.svg`: how an asset stands, to be embedded in a page of another system.
///
/// A browser that shows such a page sends neither a header of ours nor our cookie, so that the address itself has to hold
/// what lets it in: `?token=frb_…`, which opens this route alone.
enum BadgeRoutes {
    static let all = [
        Route("GET", "/badges/{asset}.svg", "getBadge", access: .badge, refusal: refusal) { call in
            let spec = try asset(call)
            return image(svg(of: spec, try await Onlooker(call).standing(spec)), keeping: "private, max-age=60")
        }
    ]

    /// Roles see all badges, and are helped with names; a link shows those of the assets that it was made for, and whoever
    /// has it does not learn which others there are.
    private static func asset(_ call: Call) throws(Problem) -> AssetSpec {
        guard call.admission.role == nil else { return try call.asset() }
        let (key, graph) = (call.assetKey, call.project.graph)
        guard call.admission.bounds.reaches([key], in: graph), let spec = graph[key] else { throw .nothing }
        return spec
    }

    /// What a link shows that does not count: the same picture, and the same status, whether it has ended, is another
    /// asset's, or was never made, so that nobody learns from it what there is.
    private static func refusal(_ problem: Problem, _ query: String?) -> Answer? {
        // A query that cannot be read is refused in words, which say nothing else.
        guard let query, (try? Query(query))?["token"] != nil else { return nil }
        var answer = image(svg("freshness", "unknown", "#5f6b76"), keeping: "no-store")
        answer.status = [401, 403].contains(problem.status) ? 404 : problem.status
        answer.headers["Retry-After"] = problem.headers["Retry-After"]
        return answer
    }

    private static func image(_ svg: String, keeping: String) -> Answer {
        var answer = Answer(body: .bytes(Array(svg.utf8), type: "image/svg+xml"))
        answer.headers["Cache-Control"] = keeping
        // It is made to stand in pages of others; who may see it is the gate's to say.
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer
    }

    private static func svg(of spec: AssetSpec, _ standing: Standing) -> String {
        let word = standing.isLate ? "late" : standing.word == "up_to_date" ? "fresh" : standing.word
        let name = spec.key.path.split(separator: "/").last.map(String.init) ?? spec.key.path
        let colour =
            switch (standing.isLate, standing.word) {
            case (true, _), (_, "failed"): "#b3261e"
            case (_, "held"), (_, "stale"), (_, "unknown"), (_, "parked"), (_, "paused"): "#8a5300"
            default: "#1b6e44"
            }
        return svg(name, word.replacing("_", with: " "), colour)
    }

    private static func svg(_ name: String, _ text: String, _ colour: String) -> String {
        // About the width of a character of Verdana at 11 px.
        let (left, right) = (7 * name.count + 16, 7 * text.count + 16)
        let (name, text) = (escaped(name), escaped(text))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(left + right)" height="22" role="img" \
            aria-label="\(name): \(text)"><rect width="\(left + right)" height="22" rx="4" fill="#3d4a55"/>\
            <path d="M\(left) 0h\(right - 4)a4 4 0 0 1 4 4v14a4 4 0 0 1-4 4h-\(right - 4)z" fill="\(colour)"/>\
            <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="8" y="15">\(name)</text>\
            <text x="\(left + 8)" y="15">\(text)</text></g></svg>
            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
