import FreshetCore
import FreshetKit
import FreshetView

/// `POST /plans` and `GET /selections`: what would be done, before it is.
enum PlanRoutes {
    static let all = [
        Route("POST", "/api/v1/plans", "createPlan", access: .least(.viewer), handle: plan),
        Route("GET", "/api/v1/selections", "resolveSelection", access: .least(.viewer), handle: selection),
    ]

    private static func plan(_ call: Call) async throws -> Answer {
        let body = try call.object("selection", "forced", "stored")
        let chosen = try selected(try body.text("selection"), call.project)
        let isStored = try body.boolean("stored", default: false)
        guard isStored || call.admission.role.map({ $0 >= .operator }) == true else {
            throw Problem(
                .forbidden,
                "To look at the inputs needs the role operator; send 'stored': true to plan without."
            )
        }
        let (document, failures) = try await make(
            chosen,
            isForced: try body.boolean("forced", default: false),
            isStored: isStored,
            call
        )
        return .json(document.document(failures: failures))
    }

    /// The assets that Freshet works on, of a selection.
    static func selected(_ text: String, _ project: Project) throws(Problem) -> Set<AssetKey> {
        guard !text.isEmpty else { throw .bad("/selection", "is empty") }
        return Set(try project.selected(text).filter(\.isMaterialized).map(\.key))
    }

    static func make(
        _ chosen: Set<AssetKey>,
        isForced: Bool,
        isStored: Bool,
        _ call: Call
    ) async throws -> (PlanDocument, failures: [String]) {
        let snapshot = try await call.context.sight.panorama().snapshot
        let all = Set(call.project.graph.withSteps(chosen))
        var observed = snapshot.observations.mapValues(\.observation)
        var failures: [String] = []
        if !isStored {
            let sight = await call.context.outside.look(all, snapshot)
            (observed, failures) = (sight.observed, sight.failures)
        }
        let document = try await PlanDocument(call, all, snapshot, observed: observed, isForced: isForced)
        return (document, failures)
    }

    private static func selection(_ call: Call) async throws -> Answer {
        guard let text = call.query["selection"], !text.isEmpty else { throw Problem.bad("selection", "is missing") }
        let assets = try call.project.selected(text)
        return .resource(
            "freshet.selection/1",
            [
                "selection": .text(text), "assets": Documents.keys(assets.map(\.key)),
                "total": Documents.integer(assets.count),
                "steps": Documents.integer(assets.count(where: \.isMaterialized)),
            ],
            sequence: try await call.context.sight.position()
        )
    }
}
