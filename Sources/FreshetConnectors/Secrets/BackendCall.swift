internal import FreshetCore
internal import FreshetKit

/// One request to a backend of secrets, and what its answer comes to.
struct BackendCall: Sendable {
    /// More than any secret.
    private static let maxBodySize = 1 << 20
    private static let timeout = Duration.seconds(20)

    /// The backend's name in the project, for messages.
    var backend: String
    var surroundings: Surroundings

    func send(_ request: HTTPRequest) async throws(SecretError) -> HTTPResponse {
        var request = request
        request.timeout = Self.timeout
        request.maxBodySize = Self.maxBodySize
        do {
            return try await surroundings.transport.send(request)
        } catch {
            throw .unavailable(
                backend: backend,
                reason: surroundings.redactor.redact(error.description),
                isTransient: true
            )
        }
    }

    /// The answer as a JSON object; an empty one for what is none.
    static func object(_ response: HTTPResponse) -> JSONValue {
        // The caller finds nothing in it, and says so with the status beside it.
        (try? JSONValue(parsing: response.body)) ?? .object([:])
    }

    /// Why an answer gives no value: what is wrong and what to do, where that is known, and the backend's own message.
    func refusal(_ response: HTTPResponse, _ words: String?, said: String?) -> SecretError {
        let isTransient = response.status == 429 || response.status >= 500
        let own = said.flatMap { $0.isEmpty ? nil : surroundings.redactor.redact(String($0.prefix(300))) }
        let reason = [words, own].compactMap(\.self).joined(separator: ": ")
        return .unavailable(
            backend: backend,
            reason: "\(reason.isEmpty ? "no reason given" : reason) (status \(response.status))",
            isTransient: isTransient
        )
    }

    func refusal(_ reason: String) -> SecretError {
        .unavailable(backend: backend, reason: reason, isTransient: false)
    }
}

extension String {
    var withoutTrailingSlashes: String {
        var text = self
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }
}
