/// A workspace, which the API calls a group.
struct Workspace: Sendable {
    /// How the service treats the caller here.
    ///
    /// Which refusal a foreign workspace gives varies (facts §3.3, E10).
    enum Access: String, CaseIterable, Sendable {
        case member
        case forbidden
        case notFound = "not_found"
        case unauthorized
    }

    var id: String
    var name: String
    var models: [Model]
    var access = Access.member

    init(_ seed: EmulatorSeed.Workspace, duration: Double) {
        id = seed.id
        name = seed.name
        models = seed.models.map { Model($0, duration: duration) }
    }
}
