extension PowerBI {
    /// Whether a POST on a model is accepted, by the model and the request alone.
    static func refusal(of request: RefreshRequest, by model: Model, at now: Instant) -> PowerBIRefusal? {
        guard model.settings.isModelBased else { return .notModelBased }
        if model.capacity == .shared, request.kind == .enhanced { return .enhancedOnSharedCapacity }
        if model.running(at: now) != nil { return .alreadyExecuting }
        if model.capacity == .shared, model.countedRefreshes(at: now) >= 8 { return .quotaExceeded }
        return nil
    }

    /// The refresh that an accepted request becomes.
    static func refresh(
        _ request: RefreshRequest,
        of model: Model,
        id: String,
        number: Int,
        at now: Instant,
        script: RefreshScript
    ) -> Refresh {
        let settings = model.settings
        var course: RefreshCourse
        if let flaw = model.flaw(in: request) {
            // A request the model cannot satisfy fails soon after it starts, and no retry helps.
            var once = request
            once.retryCount = 0
            course = RefreshCourse(
                request: once,
                duration: min(settings.duration, 1),
                limit: model.attemptLimit,
                end: .failed(flaw)
            )
        } else if !script.stages.isEmpty {
            let last = script.stages.first { !$0.isRunning }
            course = RefreshCourse(
                request: request,
                duration: script.stages.secondsToEnd,
                limit: .infinity,
                end: last?.end ?? .completed
            )
        } else {
            course = RefreshCourse(
                request: request,
                duration: script.duration ?? settings.duration,
                limit: model.attemptLimit,
                end: script.end.map { .scripted($0, script.failure) } ?? .completed,
                failingAttempts: script.failingAttempts
            )
        }
        if settings.fillsQueryCaches { course = course.withQueryAttempt() }
        return Refresh(
            id: id,
            number: number,
            request: request,
            refreshType: script.refreshType ?? (request.kind == .enhanced ? "ViaEnhancedApi" : "ViaApi"),
            start: now,
            startDelay: settings.startDelay,
            course: course,
            visibleFrom: now + (script.hidden ?? settings.historyLag),
            objects: model.objects(of: request),
            stages: script.stages
        )
    }
}

/// What a test decided about the next refresh; everything nil leaves it to the model's settings.
struct RefreshScript: Codable, Hashable, Sendable {
    /// The word it ends with.
    var end: String?
    var failure: RefreshFailure?
    /// Seconds an attempt takes.
    var duration: Double?
    /// Attempts that fail before one succeeds.
    var failingAttempts = 0
    /// The words it shows instead of those of its own course.
    var stages: [RefreshStage] = []
    /// Seconds before history shows it.
    var hidden: Double?
    /// Answers 202 and forgets the request (facts E13).
    var isLost = false
    /// For refreshes somebody else started.
    var refreshType: String?
}
