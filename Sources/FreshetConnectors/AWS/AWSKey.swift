internal import FreshetCore
package import FreshetKit

/// What requests to AWS are signed with.
struct AWSKey: Hashable, Sendable {
    var accessKeyID: String
    var secretAccessKey: String
    /// Of keys that do not last.
    var sessionToken: String?
    /// `nil` for keys that last, and for those whose end nobody tells.
    var expiresAt: Timestamp?

    func signing(region: String, service: String) -> AWSSigning {
        AWSSigning(accessKeyID: accessKeyID, secretAccessKey: secretAccessKey, region: region, service: service)
    }

    /// Keeps what is secret in it out of every text.
    func teach(_ redactor: Redactor) {
        redactor.learn(secretAccessKey)
        if let sessionToken { redactor.learn(sessionToken) }
    }
}

/// Why there are no keys to sign with.
package enum AWSKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the settings refer to has no value.
    case reference(SecretError)
    /// A place that is set up to give keys gives none.
    case refused(by: String, reason: String, isTransient: Bool)
    /// No place is set up to give keys.
    case nowhere

    /// Whether asking again later may help without a person.
    package var isTransient: Bool {
        switch self {
        case .reference(let error): error.isTransient
        case .refused(_, _, let isTransient): isTransient
        case .nowhere: false
        }
    }

    package var description: String {
        switch self {
        case .reference(let error): error.description
        case .refused(let place, let reason, _): "\(place): \(reason)"
        case .nowhere:
            "none are set up; looked at AWS_ACCESS_KEY_ID, at AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN, at the "
                + "profile in ~/.aws/credentials and ~/.aws/config, at AWS_CONTAINER_CREDENTIALS_FULL_URI, and at the "
                + "metadata service of this machine"
        }
    }
}
