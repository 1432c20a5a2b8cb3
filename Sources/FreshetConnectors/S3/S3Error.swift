package import FreshetKit

/// Why S3 did not give what was asked for.
package enum S3Error: Error, Hashable, Sendable, CustomStringConvertible {
    /// `code` is S3's own, such as `AccessDenied`; an answer without a body has none, and then it is the status.
    case refused(status: Int, code: String, message: String)
    case noBucket(String)
    /// The bucket lies in another region; S3 says which, where it may.
    case otherRegion(String?, stated: String)
    /// The answer is not what S3 is documented to say.
    case unreadable(String)
    case noAnswer(HTTPError)
    case noCredentials(AWSKeyError)
    /// More than a listing is allowed to hold.
    case tooMany(prefix: String, limit: Int)

    /// Whether asking again later, with nothing changed on our side, may succeed.
    package var isTransient: Bool {
        switch self {
        case .refused(let status, let code, _): status >= 500 || status == 429 || code == "RequestTimeout"
        case .noAnswer(let error): error.reason != .badURL
        case .noCredentials(let error): error.isTransient
        case .noBucket, .otherRegion, .unreadable, .tooMany: false
        }
    }

    /// The codes that say that the keys themselves are wrong or old, not what they may do.
    ///
    /// - SeeAlso: Amazon S3 API Reference, "List of error codes".
    static let keyTroubles: Set<String> = [
        "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidSecurity", "InvalidToken",
        "SignatureDoesNotMatch", "TokenRefreshRequired",
    ]

    package var description: String {
        switch self {
        case .refused(let status, let code, let message) where S3Error.keyTroubles.contains(code):
            "S3 does not take these keys (\(status) \(code): \(message)); renew them, or correct the connection"
        case .refused(403, let code, let message):
            "S3 refused the request (\(code): \(message)); check the keys and their policy; S3 answers so for an object "
                + "that does not exist, too, when the policy lacks s3:ListBucket"
        case .refused(let status, let code, let message): "S3 refused the request (\(status) \(code): \(message))"
        case .noBucket(let bucket): "there is no bucket '\(bucket)' at this endpoint"
        case .otherRegion(let region?, let stated):
            "the bucket lies in the region \(region), not in \(stated); correct 'region' in the connection"
        case .otherRegion(nil, let stated):
            "the bucket does not lie in the region \(stated); correct 'region' in the connection"
        case .unreadable(let what): "S3's answer cannot be read: \(what)"
        case .noAnswer(let error): "S3 did not answer: \(error.message)"
        case .noCredentials(let error): "no credentials for S3: \(error)"
        case .tooMany(let prefix, let limit):
            "there are more than \(limit) objects whose keys begin with '\(prefix)'; state a longer prefix, or raise the "
                + "limit"
        }
    }
}
