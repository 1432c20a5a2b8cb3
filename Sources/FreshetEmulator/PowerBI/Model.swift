/// A semantic model with its refreshes.
struct Model: Codable, Sendable {
    var id: String
    var name: String
    var tables: [EmulatorSeed.Table]
    var capacity: EmulatorSeed.Capacity
    var settings: Settings
    var schedule = RefreshSchedule()
    var directQuerySchedule = DirectQuerySchedule()
    /// The owner, a user's address or a service principal's id.
    var configuredBy = "owner@example.com"
    var datasources = [Datasource.warehouse]
    /// Oldest first.
    private(set) var refreshes: [Refresh] = []

    /// What a test may change about a model.
    struct Settings: Codable, Hashable, Sendable {
        /// Seconds an attempt takes.
        var duration: Double
        /// Seconds between acceptance and the start of work.
        var startDelay: Double = 0
        /// Seconds between a DELETE and the end.
        var cancelDelay: Double = 0
        /// Seconds before a new refresh appears in history and details.
        var historyLag: Double = 0
        /// Whether details and cancelling also work for standard refreshes, as one client reports (dagster#34183).
        var detailsForStandard = false
        /// Whether the caller owns the model, as changing its schedule demands.
        var isOwned = true
        /// Whether the capacity is paused, so that refreshes stand still.
        var isPaused = false
        /// False makes it a push dataset, which has no refreshes.
        var isModelBased = true
        /// Whether the caller may query the model.
        var hasBuild = true
        /// Whether what the sources ask of a caller is stored; a refresh fails without.
        var hasCredentials = true
        /// Whether a refresh ends by filling the caches of tiles and reports, a second attempt of type `Query`.
        var fillsQueryCaches = false
        /// Rows a query gives at most.
        var queryRowLimit = 100_000
    }

    init(_ seed: EmulatorSeed.Model, duration: Double) {
        id = seed.id
        name = seed.name
        tables = seed.tables
        capacity = seed.capacity
        settings = Settings(duration: duration)
    }

    /// Seconds an attempt may take on this capacity when the caller does not say (facts §1.5).
    var attemptLimit: Double { capacity == .shared ? 2 * 3_600 : 5 * 3_600 }

    func running(at now: Instant) -> Refresh? { refreshes.last { $0.isRunning(at: now) } }

    /// What history shows: newest first, at most 60, at most seven days old (facts §1.2).
    func history(at now: Instant) -> [Refresh] {
        let visible = refreshes.filter { $0.visibleFrom <= now && now - $0.start < 7 * 86_400 }
        return Array(visible.sorted { $0.start > $1.start }.prefix(60))
    }

    func refresh(_ id: String, at now: Instant) -> Refresh? {
        refreshes.first { $0.id.lowercased() == id.lowercased() && $0.visibleFrom <= now }
    }

    /// The refreshes that count against shared capacity's eight in 24 hours; those started in the portal do not.
    func countedRefreshes(at now: Instant) -> Int {
        refreshes.filter { now - $0.start < 86_400 && ["Scheduled", "ViaApi"].contains($0.refreshType) }.count
    }

    /// Every table and partition a request is about, in the model's order.
    func objects(of request: RefreshRequest) -> [RefreshRequest.Target] {
        tables.flatMap { table -> [RefreshRequest.Target] in
            let wanted = request.targets.filter { $0.table == table.name }
            guard request.targets.isEmpty || !wanted.isEmpty else { return [] }
            let isWhole = wanted.isEmpty || wanted.contains { $0.partition == nil }
            let partitions = table.partitions.filter { name in isWhole || wanted.contains { $0.partition == name } }
            return partitions.map { RefreshRequest.Target(table: table.name, partition: $0) }
        }
    }

    /// Why a request that was accepted must fail anyway, as seen only later in its details.
    func flaw(in request: RefreshRequest) -> RefreshFailure? {
        guard settings.hasCredentials else { return .credentialsMissing }
        guard request.kind == .enhanced else { return nil }
        if request.commitMode == "PartialBatch", request.appliesRefreshPolicy { return .policyNeedsTransaction }
        for target in request.targets {
            guard let table = tables.first(where: { $0.name == target.table }) else { return .missing(target) }
            guard let partition = target.partition else { continue }
            guard table.partitions.contains(partition) else { return .missing(target) }
            if table.hasRefreshPolicy, request.appliesRefreshPolicy { return .partitionOfPolicyTable(table.name) }
        }
        return nil
    }

    mutating func add(_ refresh: Refresh) {
        refreshes.append(refresh)
        if settings.isPaused { refreshes[refreshes.count - 1].heldSince = refresh.start }
    }

    /// Pauses or resumes the capacity under every refresh that is not over.
    mutating func setPaused(_ isPaused: Bool, at now: Instant) {
        settings.isPaused = isPaused
        for index in refreshes.indices where refreshes[index].isRunning(at: now) {
            if isPaused {
                refreshes[index].heldSince = refreshes[index].heldSince ?? now
            } else if let since = refreshes[index].heldSince {
                refreshes[index].held += now - max(since, min(now, refreshes[index].workStart))
                refreshes[index].heldSince = nil
            }
        }
    }

    mutating func cancel(_ id: String, at instant: Instant) {
        guard let index = refreshes.firstIndex(where: { $0.id == id }), refreshes[index].cancelledAt == nil else {
            return
        }
        refreshes[index].cancelledAt = instant
    }

    /// Forgets the refreshes under way, as a restart of the service does.
    mutating func forgetRunning(at now: Instant) { refreshes.removeAll { $0.isRunning(at: now) } }

    mutating func forgetRefreshes() { refreshes = [] }
}
