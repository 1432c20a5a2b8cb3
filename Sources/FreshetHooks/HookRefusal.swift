package import FreshetCore

/// Why a delivery is not taken; free of secrets and of what the sender wrote, but for names that are shown to be found.
package enum HookRefusal: Error, Hashable, Sendable {
    /// A header that the signature stands in, or belongs to, is not there, or there twice.
    case missingHeader(String)
    /// The request is not from who shares the secret, or was altered on its way.
    case badSignature
    /// The signature covers the body alone, and what matters stands elsewhere.
    case unsignedAttributes
    /// It was signed at another time than now.
    case stale(sent: Timestamp, tolerance: Duration)
    /// What was signed cannot be read; one sentence without a full stop.
    case malformed(String)
    case unsupportedType(String)
    /// Of SNS: the certificate does not stand where AWS keeps those of SNS.
    case foreignCertificate
    /// Of SNS: the certificate has not begun to hold, or no longer does.
    case expiredCertificate
    /// Of SNS: the topic is not on the hook's list.
    case unknownTopic
    /// More came in a minute than the hook takes.
    case tooMany(retryAfter: Duration)
    /// Something that is needed to decide is not there now; one sentence without a full stop.
    case unavailable(String)
}
