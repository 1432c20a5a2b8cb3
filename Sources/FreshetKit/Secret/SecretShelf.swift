internal import FreshetCore

/// Keeps what one backend gave for a few minutes, and asks for each secret once however many callers wait.
actor SecretShelf {
    private struct Key: Hashable {
        var path: String
        var version: String?
    }
    private struct Kept {
        var value: SecretValue
        var since: Timestamp
    }

    private let backend: any SecretBackend
    private let life: Duration
    private let clock: any EngineClock
    private var kept: [Key: Kept] = [:]
    private var requests: [Key: Task<Result<SecretValue, SecretError>, Never>] = [:]

    init(_ backend: any SecretBackend, life: Duration, clock: any EngineClock) {
        self.backend = backend
        self.life = life
        self.clock = clock
    }

    func value(of reference: SecretReference) async throws(SecretError) -> SecretValue {
        let key = Key(path: reference.path, version: reference.version)
        if let kept = kept[key] {
            // A clock that was set back must not make a secret last longer.
            let age = clock.now - kept.since
            if age >= .zero, age < life { return kept.value }
        }
        let request =
            requests[key]
            ?? Task { [backend] in
                do throws(SecretError) {
                    return .success(try await backend.fetch(reference))
                } catch {
                    return .failure(error)
                }
            }
        requests[key] = request
        let askedAt = clock.now
        let result = await request.value
        // One that was forgotten meanwhile is answered, but not kept.
        if requests[key] == request {
            requests[key] = nil
            kept[key] = nil
            if case .success(let value) = result { kept[key] = Kept(value: value, since: askedAt) }
        }
        return try result.get()
    }

    func forget(_ reference: SecretReference) {
        let key = Key(path: reference.path, version: reference.version)
        kept[key] = nil
        requests[key] = nil
    }
}
