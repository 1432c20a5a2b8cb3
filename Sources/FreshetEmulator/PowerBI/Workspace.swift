/// A workspace, which the API calls a group.
struct Workspace: Codable, Sendable {
    /// How the service treats the caller here.
    ///
    /// Which refusal a foreign workspace gives varies (facts §3.3, E10).
    enum Access: String, CaseIterable, Codable, Sendable {
        case member
        case forbidden
        case notFound = "not_found"
        case unauthorized
    }

    var id: String
    var name: String
    var models: [Model]
    var access = Access.member
    var reports: [Report] = []
    var dashboards: [Dashboard] = []
    var dataflows: [Dataflow] = []
    /// When anything about it was last changed, as the scanner sees it.
    var modified: Instant

    init(_ seed: EmulatorSeed.Workspace, duration: Double, modified: Instant) {
        id = seed.id
        name = seed.name
        self.modified = modified
        models = seed.models.map { Model($0, duration: duration) }
        fill(seed.content, duration: duration)
    }
}
