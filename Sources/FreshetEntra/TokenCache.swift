package import FreshetCore

/// A bearer token and the time it is good for.
package struct Token: Hashable, Sendable {
    package var text: String
    package var obtainedAt: Timestamp
    package var expiresAt: Timestamp

    package init(text: String, obtainedAt: Timestamp, expiresAt: Timestamp) {
        self.text = text
        self.obtainedAt = obtainedAt
        self.expiresAt = expiresAt
    }

    /// After 80 % of its life, and at least five minutes before its end if its life is long enough for that.
    package var renewAt: Timestamp {
        let life = expiresAt - obtainedAt
        let early = obtainedAt + .seconds(life.inSeconds * 0.8)
        return life > .seconds(600) ? min(early, expiresAt - .seconds(300)) : early
    }
}

/// Keeps one token, and asks for one at a time however many callers wait.
///
/// After a failure it leaves the service alone for a while, longer with each failure in a row: callers get the old token
/// while that is good, and else the same failure again. So nobody can make it hammer the service, which answers that
/// with AADSTS50196.
package actor TokenCache {
    private struct Failure {
        var error: EntraError
        var at: Timestamp
        var pause: Duration
    }

    /// After the first failure; doubled after each further one.
    private static let firstPause = Duration.seconds(5)
    private static let longestPause = Duration.seconds(60)

    private let obtain: @Sendable () async -> Result<Token, EntraError>
    private let now: @Sendable () -> Timestamp
    private var token: Token?
    private var failure: Failure?
    private var request: Task<Result<Token, EntraError>, Never>?

    package init(
        now: @escaping @Sendable () -> Timestamp,
        obtain: @escaping @Sendable () async -> Result<Token, EntraError>
    ) {
        self.now = now
        self.obtain = obtain
    }

    package func get() async throws(EntraError) -> String {
        if let token, now() < token.renewAt { return token.text }
        if request == nil, let failure, now() >= failure.at, now() < failure.at + failure.pause {
            return try fallBack(on: failure.error)
        }
        let request = self.request ?? Task { [obtain] in await obtain() }
        self.request = request
        let result = await request.value
        if self.request == request {
            self.request = nil
            note(result)
        }
        switch result {
        case .success(let token): return token.text
        case .failure(let error): return try fallBack(on: error)
        }
    }

    /// Forgets this token; a newer one stays.
    package func drop(_ text: String) {
        if token?.text == text { token = nil }
    }

    private func note(_ result: Result<Token, EntraError>) {
        switch result {
        case .success(let token):
            self.token = token
            failure = nil
        case .failure(let error):
            let pause = min((failure?.pause).map { $0 * 2 } ?? Self.firstPause, Self.longestPause)
            failure = Failure(error: error, at: now(), pause: max(pause, error.retryAfter ?? .zero))
        }
    }

    /// Renewing begins early so that a failure costs nothing while the old token is good.
    private func fallBack(on error: EntraError) throws(EntraError) -> String {
        if let token, now() < token.expiresAt { return token.text }
        throw error
    }
}
