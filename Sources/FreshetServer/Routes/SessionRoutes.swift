import FreshetCore
import FreshetKit
import FreshetView

/// `GET /session`: who is there. How one signs in belongs to the gate, whose routes take the place of this one.
enum SessionRoutes {
    static let all = [
        Route("GET", "/api/v1/session", "getSession", access: .public) { call in
            let admission = call.admission
            let isKnown = admission.role != nil
            let project = call.project
            let members: [String: JSONValue] = [
                "at": Documents.time(call.now), "authenticated": .boolean(isKnown),
                "user": Documents.text(isKnown ? admission.actor.name : nil),
                "name": Documents.text(isKnown ? admission.actor.name : nil),
                "role": Documents.text(admission.role?.rawValue), "csrf_token": .null, "expires_at": .null,
                "methods": .list([]), "oidc_label": .null, "project": Documents.text(isKnown ? project.name : nil),
                "environment": Documents.text(isKnown ? project.environment : nil), "environment_color": .null,
                "mode": Documents.text(isKnown ? project.mode.rawValue : nil),
                "version": Documents.text(isKnown ? call.context.version : nil),
                "timezone": Documents.text(isKnown ? project.timeZone : nil), "insecure": false,
            ]
            return .resource("freshet.session/1", members, sequence: try await call.context.sight.position())
        }
    ]
}
