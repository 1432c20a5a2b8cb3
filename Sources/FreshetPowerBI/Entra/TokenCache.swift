internal import FreshetCore

/// A bearer token and the time it is good for.
struct Token: Hashable, Sendable {
    var text: String
    var obtainedAt: Timestamp
    var expiresAt: Timestamp

    /// After 80 % of its life, and at least five minutes before its end if its life is long enough for that.
    var renewAt: Timestamp {
        let life = expiresAt - obtainedAt
        let early = obtainedAt + .seconds(life.inSeconds * 0.8)
        return life > .seconds(600) ? min(early, expiresAt - .seconds(300)) : early
    }
}

/// Keeps one token, and asks for one at a time however many callers wait.
actor TokenCache {
    private let obtain: @Sendable () async -> Result<Token, EntraError>
    private let now: @Sendable () -> Timestamp
    private var token: Token?
    private var request: Task<Result<Token, EntraError>, Never>?

    init(
        now: @escaping @Sendable () -> Timestamp,
        obtain: @escaping @Sendable () async -> Result<Token, EntraError>
    ) {
        self.now = now
        self.obtain = obtain
    }

    func get() async throws(EntraError) -> String {
        if let token, now() < token.renewAt { return token.text }
        let request = self.request ?? Task { [obtain] in await obtain() }
        self.request = request
        let result = await request.value
        if self.request == request {
            self.request = nil
            if case .success(let token) = result { self.token = token }
        }
        switch result {
        case .success(let token): return token.text
        case .failure(let error):
            // Renewing begins early so that a failure costs nothing while the old one is good.
            if let token, now() < token.expiresAt { return token.text }
            throw error
        }
    }

    /// Forgets this token; a newer one stays.
    func drop(_ text: String) {
        if token?.text == text { token = nil }
    }
}
