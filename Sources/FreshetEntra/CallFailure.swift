package import FreshetCore
package import FreshetKit

/// Why a call that needs a token has no answer.
package enum CallFailure: Error {
    case signIn(EntraError)
    case transport(HTTPError)
    /// It was not sent: the service has to be left alone until then.
    case throttled(until: Timestamp)

    /// What may be concluded from it.
    ///
    /// - Parameters:
    ///   - service: its name, for people.
    ///   - surroundings: of the connection.
    /// - Returns: a refusal where asking again is of no use, silence otherwise.
    package func reply<Value>(from service: String, _ surroundings: Surroundings) -> RemoteReply<Value> {
        switch self {
        case .signIn(let error):
            let message = surroundings.redactor.redact(error.description)
            let silence = Silence(mayHaveArrived: false, message)
            return RemoteReply(
                error.isTransient ? .silence(silence) : .refusal(Refusal(.notSignedIn, message)),
                evidence: ["error": .text(message)]
            )
        case .transport(let error):
            let message = surroundings.redactor.redact(error.description)
            return RemoteReply(
                .silence(Silence(mayHaveArrived: error.mayHaveArrived, message)),
                evidence: ["error": .text(message), "reason": .text(error.reason.rawValue)]
            )
        case .throttled(let until):
            let message = "not sent: \(service) has asked to be left alone"
            return RemoteReply(
                .silence(Silence(mayHaveArrived: false, isThrottled: true, message)),
                retryAfter: until - surroundings.clock.now,
                evidence: ["error": .text(message)]
            )
        }
    }
}
