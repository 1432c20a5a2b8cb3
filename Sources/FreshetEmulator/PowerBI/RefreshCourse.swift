/// What will become of a refresh, settled when it is accepted: its attempts and its end.
///
/// Offsets are seconds from the start. Settling everything at once is what lets the state at any later time be a pure function.
struct RefreshCourse: Codable, Hashable, Sendable {
    struct Attempt: Codable, Hashable, Sendable {
        /// What it does: load the data, or afterwards query again for the caches of tiles and reports (facts §1.2).
        enum Kind: String, Codable, Sendable {
            case data = "Data"
            case query = "Query"
        }

        var kind = Kind.data
        /// From 1; a query attempt has the number of the data attempt before it.
        var number: Int
        var start: Double
        var end: Double
        var failure: RefreshFailure?
    }

    var attempts: [Attempt]
    var end: RefreshEnd

    var duration: Double { attempts.last?.end ?? 0 }

    /// Settles what becomes of a request.
    ///
    /// - Parameters:
    ///   - request: what was asked for; its retries and timeout count.
    ///   - duration: seconds one attempt takes.
    ///   - limit: seconds one attempt may take.
    ///   - end: how it ends, unless the time runs out first.
    ///   - failingAttempts: attempts that fail before one succeeds; more than the retries allow is a failure.
    init(request: RefreshRequest, duration: Double, limit: Double, end: RefreshEnd, failingAttempts: Int = 0) {
        let limit = request.timeout ?? limit
        let allowed = request.retryCount + 1
        if duration > limit {
            self.init(each: limit, failures: Array(repeating: .timedOut, count: allowed), end: .timedOut)
        } else if end == .completed, failingAttempts > 0 {
            let failures = [RefreshFailure](repeating: .processing, count: min(failingAttempts, allowed))
            let succeeds = failingAttempts < allowed
            self.init(
                each: duration,
                failures: failures + (succeeds ? [nil] : []),
                end: succeeds ? .completed : .failed(.processing)
            )
        } else if end.status == "Failed" {
            self.init(each: duration, failures: Array(repeating: end.failure, count: allowed), end: end)
        } else {
            self.init(each: duration, failures: [end.failure], end: end)
        }
    }

    private init(each duration: Double, failures: [RefreshFailure?], end: RefreshEnd) {
        attempts = failures.enumerated().map { index, failure in
            Attempt(
                number: index + 1,
                start: Double(index) * duration,
                end: Double(index + 1) * duration,
                failure: failure
            )
        }
        self.end = end
    }

    /// The same with the caches filled after the data were loaded, which takes a tenth of the time that took.
    func withQueryAttempt() -> RefreshCourse {
        guard end == .completed, let last = attempts.last else { return self }
        var course = self
        course.attempts.append(
            Attempt(kind: .query, number: last.number, start: last.end, end: last.end + (last.end - last.start) / 10)
        )
        return course
    }
}
