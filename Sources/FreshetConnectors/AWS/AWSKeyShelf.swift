internal import FreshetCore
internal import FreshetKit

/// Keeps a key until shortly before it ends, and lets one caller renew it for all.
actor AWSKeyShelf {
    /// A key with less time than this is renewed; while that fails, it serves to its end.
    private static let margin = Duration.seconds(300)
    /// How long a key is kept whose end nobody tells: its file may be written anew.
    private static let unstatedLife = Duration.seconds(60)
    /// After a renewal that failed while there still is a key.
    private static let retry = Duration.seconds(30)

    typealias Fetch = @Sendable () async throws(AWSKeyError) -> AWSKey

    private var key: AWSKey?
    private var renewal: Task<Result<AWSKey, AWSKeyError>, Never>?
    private var renewAt: Timestamp?
    /// Grows with each refusal: what was asked for before it is not kept after it.
    private var refusals = 0

    func key(_ surroundings: Surroundings, _ fetch: @escaping Fetch) async throws(AWSKeyError) -> AWSKey {
        let now = surroundings.clock.now
        if let key, let renewAt, now < renewAt { return key }
        let number = refusals
        let task = renewal ?? Task { await Self.result(of: fetch) }
        renewal = task
        let result = await task.value
        if renewal == task { renewal = nil }
        switch result {
        case .success(let fresh):
            if number == refusals { keep(fresh, at: now, surroundings.redactor) }
            return fresh
        case .failure(let error):
            guard let key, let end = key.expiresAt, surroundings.clock.now < end else { throw error }
            renewAt = surroundings.clock.now + Self.retry
            return key
        }
    }

    func clear() {
        refusals += 1
        key = nil
        renewAt = nil
        renewal = nil
    }

    private func keep(_ fresh: AWSKey, at now: Timestamp, _ redactor: Redactor) {
        fresh.teach(redactor)
        key = fresh
        guard let end = fresh.expiresAt else {
            renewAt = now + Self.unstatedLife
            return
        }
        // One that is given with less than the margin left is not asked for at each call.
        renewAt = max(end - Self.margin, now + min(Self.retry, (end - now) / 2))
    }

    private static func result(of fetch: Fetch) async -> Result<AWSKey, AWSKeyError> {
        do throws(AWSKeyError) { return .success(try await fetch()) } catch { return .failure(error) }
    }
}
