/// What came back from a call to the remote system, told apart by what may be concluded from it.
package struct RemoteReply<Value: Hashable & Sendable>: Hashable, Sendable {
    package enum Result: Hashable, Sendable {
        /// It did what it was asked.
        case answer(Value)
        /// It definitely did not.
        case refusal(Refusal)
        /// Nothing can be concluded: no answer, a broken one, or an error of the server.
        case silence(Silence)
    }

    package var result: Result
    /// How long it asked us to wait.
    package var retryAfter: Duration?
    /// Its clock, from the `Date` header, to the second.
    package var serverTime: Timestamp?
    /// For the record: status, allowed headers, error words; free of secrets.
    package var evidence: JSONValue

    package init(
        _ result: Result,
        retryAfter: Duration? = nil,
        serverTime: Timestamp? = nil,
        evidence: JSONValue = .object([:])
    ) {
        self.result = result
        self.retryAfter = retryAfter
        self.serverTime = serverTime
        self.evidence = evidence
    }

    /// Whether nothing can be concluded from it.
    package var isSilence: Bool { if case .silence = result { true } else { false } }
}

/// A definite no.
package struct Refusal: Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// Another refresh of the same model is running.
        case busy
        /// The request itself is wrong.
        case badRequest
        case denied
        /// Signing in failed, for a reason that a person has to mend; it says nothing about what was asked.
        case notSignedIn
        /// The capacity that the model runs on is paused.
        case capacityPaused
        /// Not there, or not visible to us; the service does not tell which.
        case notFound
        case quotaExhausted
        /// The token had run out; with a new one it may work.
        case tokenExpired
    }

    package var reason: Reason
    package var message: String

    package init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

/// No information.
package struct Silence: Hashable, Sendable {
    /// False only when it is certain that the request had no effect.
    package var mayHaveArrived: Bool
    package var isThrottled: Bool
    package var message: String

    package init(mayHaveArrived: Bool = true, isThrottled: Bool = false, _ message: String) {
        self.mayHaveArrived = mayHaveArrived
        self.isThrottled = isThrottled
        self.message = message
    }
}
