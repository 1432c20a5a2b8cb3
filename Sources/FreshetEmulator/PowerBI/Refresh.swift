/// One refresh of a model, ours or somebody else's.
struct Refresh: Codable, Sendable {
    /// The GUID every route names it by.
    var id: String
    /// The undocumented int `id` of history entries, of no use for cancelling.
    var number: Int
    var request: RefreshRequest
    /// How it came about: `ViaApi`, `ViaEnhancedApi`, `Scheduled`, `OnDemand` and others.
    var refreshType: String
    var start: Instant
    /// Seconds between acceptance and the start of work.
    var startDelay: Double
    var course: RefreshCourse
    /// History and details know nothing of the refresh before (facts E2).
    var visibleFrom: Instant
    var cancelledAt: Instant?
    /// Since when its capacity is paused.
    var heldSince: Instant?
    /// Seconds it was held up by pauses that are over.
    var held: Double = 0
    /// The tables and partitions it works on, all named.
    var objects: [RefreshRequest.Target]
    /// What a script shows instead of the course.
    var stages: [RefreshStage] = []

    /// What can be said of a refresh at some time.
    enum State: Hashable, Sendable {
        case notStarted
        /// - Parameter elapsed: seconds since the work began.
        case inProgress(elapsed: Double)
        case ended(RefreshEnd, at: Instant)
    }

    var workStart: Instant { start + startDelay }

    func state(at now: Instant) -> State {
        if let (stage, began) = stages.stage(after: now - start), cancelledAt.map({ now < $0 }) ?? true {
            if !stage.isRunning { return .ended(stage.end, at: start + began) }
            return stage.extendedStatus == "NotStarted" ? .notStarted : .inProgress(elapsed: worked(at: now))
        }
        let (end, ending) = fate
        if let cancelledAt, cancelledAt < ending, now >= cancelledAt { return .ended(.cancelled, at: cancelledAt) }
        if now >= ending { return .ended(end, at: ending) }
        return now < workStart ? .notStarted : .inProgress(elapsed: worked(at: now))
    }

    /// The words that history and details show.
    func words(at now: Instant) -> (status: String, extendedStatus: String) {
        switch state(at: now) {
        case .ended(let end, _): return (end.status, end.extendedStatus)
        case .inProgress, .notStarted:
            if let (stage, _) = stages.stage(after: now - start) { return (stage.status, stage.extendedStatus) }
            return ("Unknown", state(at: now) == .notStarted ? "NotStarted" : "InProgress")
        }
    }

    func isRunning(at now: Instant) -> Bool {
        if case .ended = state(at: now) { return false }
        return true
    }

    /// The number of the attempt under way or last made, from 1; 0 before the first.
    func attemptsMade(at now: Instant) -> Int {
        let worked = worked(at: end(at: now) ?? now)
        return course.attempts.last { $0.start <= worked }?.number ?? 0
    }

    /// When it ended, if it has.
    func end(at now: Instant) -> Instant? {
        if case .ended(_, let instant) = state(at: now) { return instant }
        return nil
    }

    /// Seconds of work done, not counting pauses; negative before the start.
    func worked(at now: Instant) -> Double { min(now, heldSince ?? now) - workStart - held }

    /// When that much work is done.
    func instant(ofWork seconds: Double) -> Instant { workStart + (seconds > 0 ? held + seconds : 0) }

    /// How and when it ends if nobody cancels it: a paused capacity holds it up for six hours at most (facts E24).
    private var fate: (RefreshEnd, Instant) {
        let natural = workStart + held + course.duration
        guard let heldSince, heldSince < natural else { return (course.end, natural) }
        return (.timedOut, heldSince + 6 * 3_600)
    }

    /// The status words of one of `objects`, worked on in waves of `maxParallelism`.
    func status(ofObjectAt index: Int, at now: Instant) -> String {
        switch state(at: now) {
        case .notStarted: return "NotStarted"
        case .ended(let end, _):
            guard end.status == "Failed", let table = end.failure?.table else { return end.extendedStatus }
            return objects[index].table == table ? "Failed" : "Cancelled"
        case .inProgress(let elapsed):
            let waves = (objects.count + request.maxParallelism - 1) / request.maxParallelism
            guard waves > 0, let attempt = course.attempts.last(where: { $0.kind == .data && $0.start <= elapsed })
            else {
                return "InProgress"
            }
            let share = (elapsed - attempt.start) / max(attempt.end - attempt.start, 0.001)
            let current = Int(share * Double(waves))
            let wave = index / request.maxParallelism
            return wave < current ? "Completed" : wave == current ? "InProgress" : "NotStarted"
        }
    }
}
