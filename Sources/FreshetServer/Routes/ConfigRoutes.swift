import FreshetCore
import FreshetKit
import FreshetView

/// `GET /config`: what is active, and what the files would make of it; `POST /config/reload`.
enum ConfigRoutes {
    static let all = [
        Route("GET", "/api/v1/config", "getConfig", access: .least(.viewer)) { call in
            let position = try await call.context.sight.position()
            let report = await call.context.outside.files()
            var members = members(report, call.project)
            // What stands in files that nobody has loaded yet is for those who may load it.
            if call.admission.role != .admin {
                members["diff"] = []
                if report.differs { members["diagnostics"] = .list(report.diagnostics.map(veiled)) }
            }
            return .resource("freshet.config_state/1", members, sequence: position)
        },
        Route("POST", "/api/v1/config/reload", "reloadConfig", access: .least(.admin), handle: reload),
    ]

    private static func reload(_ call: Call) async throws -> Answer {
        let body = try call.object("reason")
        let report = await call.context.outside.files()
        var members = members(report, call.project)
        members["schema"] = "freshet.config_state/1"
        // The answer is kept in the store, which no line of a file belongs in.
        members["diff"] = []
        let request = EffectRequest(
            action: "config.reload",
            target: nil,
            reason: try body.reason(),
            body: body,
            answer: StoredAnswer(status: 200, body: .object(members))
        )
        if let known = try await call.known(request) { return known }
        guard report.isValid else {
            let mistakes = report.diagnostics.filter { $0.severity == .error }
            throw Problem(
                .badRequest,
                "The files have \(mistakes.count == 1 ? "a mistake" : "\(mistakes.count) mistakes"); what is active stays.",
                errors: mistakes.prefix(20).map { Problem.Mistake("\($0.origin)", $0.message) }
            )
        }
        return try await call.perform(.none, request) { await call.context.notices.reload() }
    }

    private static func members(_ report: ConfigReport, _ project: Project) -> [String: JSONValue] {
        let version: JSONValue = .text(project.configVersion)
        return [
            "project": .text(project.name), "environment": Documents.text(project.environment),
            "mode": .text(project.mode.rawValue), "timezone": .text(project.timeZone), "config_version": version,
            "graph_hash": version, "loaded_at": Documents.time(report.loadedAt),
            "assets": Documents.integer(project.assets.count),
            "files": .list(
                report.files.map {
                    [
                        "file": .text($0.name), "status": .text($0.status.rawValue),
                        "assets": Documents.integer($0.assets),
                    ]
                }
            ),
            "differs": .boolean(report.differs), "valid": .boolean(report.isValid),
            "diagnostics": .list(report.diagnostics.map(diagnostic)),
            "changes": .list(report.next.map { changes(from: project, to: $0) } ?? []),
            "diff": .list(
                report.files.filter { $0.status != .same }.map { file in
                    let diff = LineDiff(from: file.before ?? "", to: file.after ?? "")
                    return ["file": .text(file.name), "hunks": .list(diff.hunks)]
                }
            ),
            "history": .list([
                [
                    "config_version": version, "loaded_at": Documents.time(report.loadedAt),
                    "sentence": "is what the daemon works with",
                ]
            ]),
        ]
    }

    private static func diagnostic(_ found: Diagnostic) -> JSONValue {
        [
            "severity": .text(found.severity.rawValue), "message": .text(found.message),
            "file": .text(found.origin.file), "line": Documents.integer(found.origin.line),
            "column": Documents.integer(found.origin.column), "expected": Documents.text(found.hint), "nearest": .null,
        ]
    }

    /// Says where a mistake is, and not what stands there.
    private static func veiled(_ found: Diagnostic) -> JSONValue {
        let word = found.severity == .error ? "a mistake" : "a warning"
        return diagnostic(Diagnostic("\(word), shown to an admin", at: found.origin, severity: found.severity))
    }

    private static func changes(from old: Project, to new: Project) -> [JSONValue] {
        let keys = Set(old.graph.ordered.map(\.key)).union(new.graph.ordered.map(\.key)).sorted()
        return keys.compactMap { key in
            let word: String
            let sentence: String
            switch (old.graph[key], new.graph[key]) {
            case (nil, let added?):
                word = "added"
                sentence = added.isMaterialized ? "is new; it has never been refreshed" : "is new"
            case (.some, nil): (word, sentence) = ("removed", "is no longer in the project")
            case (let before?, let after?) where before.codeVersion != after.codeVersion && after.isMaterialized:
                (word, sentence) = ("changed", "works differently; the whole of it is refreshed")
            case (let before?, let after?) where before != after:
                (word, sentence) = ("changed", "changes without altering its work; nothing is refreshed because of it")
            default: return nil
            }
            return ["asset": .text(key.path), "change": .text(word), "sentence": .text(sentence)]
        }
    }
}
