/// The Power BI tenant: workspaces and what callers may do.
struct PowerBI: Codable, Sendable {
    var workspaces: [Workspace]
    /// False closes the tenant setting that lets service principals call the API.
    var allowsServicePrincipals = true
    /// 403 by the documentation, 401 by one report (facts §0.2).
    var expiredTokenStatus = 403
    /// Where `preferClientRouting=true` is sent to by a 307; nil answers in place (facts E21).
    var homeCluster: String?
    /// Whether `notifyOption` is refused beside enhanced parameters, and to a service principal but for `NoNotification`.
    var isNotifyOptionStrict = false
    /// The next int `id` of a history entry.
    private var nextNumber = 79_783_403

    /// False closes the tenant setting that lets service principals use the read-only admin routes.
    var allowsAdmin = true
    /// False closes the two tenant settings that let scans tell of tables and queries.
    var allowsMetadata = true
    /// Seconds that a scan or a long-running operation takes.
    var operationDuration: Double = 1
    var scans: [Scan] = []
    var operations: [Operation] = []
    /// Queries a user may send in a minute (facts §2.7).
    var queriesPerMinute = 120
    /// When queries of the last minute came.
    var queryTimes: [Instant] = []

    init(seed: EmulatorSeed, duration: Double, at now: Instant) {
        // As if made a day ago: the scanner does not look at the last half hour.
        workspaces = seed.workspaces.map { Workspace($0, duration: duration, modified: now + -86_400) }
    }

    /// Where a model is kept.
    struct Place: Sendable {
        var workspace: Int
        var model: Int
    }

    subscript(place: Place) -> Model {
        get { workspaces[place.workspace].models[place.model] }
        set { workspaces[place.workspace].models[place.model] = newValue }
    }

    /// The model a route names, if the caller may see it; without a group every workspace is searched.
    func place(group: String?, dataset: String) -> Result<Place, PowerBIRefusal> {
        for (index, workspace) in workspaces.enumerated() where group == nil || workspace.isCalled(group) {
            guard let model = workspace.models.firstIndex(where: { $0.isCalled(dataset) }) else { continue }
            if let refusal = workspace.refusal { return .failure(refusal) }
            return .success(Place(workspace: index, model: model))
        }
        if let group, let refusal = workspaces.first(where: { $0.isCalled(group) })?.refusal {
            return .failure(refusal)
        }
        return .failure(.entityNotFound("Dataset \(dataset) is not found"))
    }

    /// The model with this id or name, whoever asks: for the control routes.
    func place(named name: String) -> Place? {
        for (index, workspace) in workspaces.enumerated() {
            let model = workspace.models.firstIndex { $0.isCalled(name) || $0.name == name }
            if let model { return Place(workspace: index, model: model) }
        }
        return nil
    }

    /// The name of the model or dataflow with this id.
    func name(of id: String) -> String? {
        place(named: id).map { self[$0].name } ?? dataflowPlace(id).map { self[$0].name }
    }

    mutating func takeNumber() -> Int {
        defer { nextNumber += 1 }
        return nextNumber
    }
}

extension Workspace {
    func isCalled(_ id: String?) -> Bool { id.map(self.id.isSameID) ?? false }

    var refusal: PowerBIRefusal? {
        switch access {
        case .member: nil
        case .forbidden: .notAuthorized(status: 403)
        case .notFound: .entityNotFound("Group \(id) is not found")
        case .unauthorized: .notAuthorized(status: 401)
        }
    }
}

extension Model {
    func isCalled(_ id: String) -> Bool { self.id.isSameID(as: id) }
}

extension PowerBI {
    /// The one capacity of the tenant, of which every dedicated model is.
    static let capacityID = EmulatorSeed.derivedID("capacity Emulator")
}
