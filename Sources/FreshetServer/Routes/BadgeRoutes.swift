import FreshetCore
import FreshetKit
import FreshetView

/// `GET /badges/{asset}.svg`: how an asset stands, to be embedded in a page of another system.
enum BadgeRoutes {
    static let all = [
        Route("GET", "/badges/{asset}.svg", "getBadge", access: .least(.viewer)) { call in
            let spec = try call.asset()
            let standing = try await Onlooker(call).standing(spec)
            var answer = Answer(body: .bytes(Array(svg(of: spec, standing).utf8), type: "image/svg+xml"))
            answer.headers["Cache-Control"] = "private, max-age=60"
            // It is made to stand in pages of others; who may see it is the gate's to say.
            answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            return answer
        }
    ]

    private static func svg(of spec: AssetSpec, _ standing: Standing) -> String {
        let word = standing.isLate ? "late" : standing.word == "up_to_date" ? "fresh" : standing.word
        let text = escaped(word.replacing("_", with: " "))
        let name = escaped(spec.key.path.split(separator: "/").last.map(String.init) ?? spec.key.path)
        let colour =
            switch (standing.isLate, standing.word) {
            case (true, _), (_, "failed"): "#b3261e"
            case (_, "held"), (_, "stale"), (_, "unknown"), (_, "parked"), (_, "paused"): "#8a5300"
            default: "#1b6e44"
            }
        // About the width of a character of Verdana at 11 px.
        let (left, right) = (7 * name.count + 16, 7 * text.count + 16)
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
