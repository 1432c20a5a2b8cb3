import FreshetCore
import FreshetCrypto

/// A message of Amazon SNS to an HTTP endpoint, as it came: nothing in it is to be believed before ``isSigned(by:)``.
///
/// - SeeAlso: Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages"
struct SNSMessage: Hashable, Sendable {
    enum Kind: String {
        case notification = "Notification"
        case subscription = "SubscriptionConfirmation"
        case unsubscription = "UnsubscribeConfirmation"

        /// The members that are signed, in their order; those that are not there are left out.
        var signed: [String] {
            switch self {
            case .notification: ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            case .subscription, .unsubscription:
                ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
            }
        }
    }

    let kind: Kind
    let id: String
    let topic: String
    let sent: Timestamp
    let certificateURL: String
    /// What a subscription is confirmed by.
    let confirmationURL: String?
    private let text: [UInt8]
    private let signature: [UInt8]
    private let hash: Certificate.Hash

    init(parsing request: HookRequest) throws(HookRefusal) {
        // SNS says text/plain of what is JSON.
        try request.requireType("text/plain", "application/json")
        let body = try request.document()
        guard let kind = Kind(rawValue: try body.name("Type")) else { throw .malformed("'Type' is none of SNS") }
        self.kind = kind
        id = try body.name("MessageId")
        topic = try body.name("TopicArn")
        guard let sent = Timestamp(iso8601: try body.name("Timestamp")) else {
            throw .malformed("'Timestamp' is not a time")
        }
        self.sent = sent
        certificateURL = try body.name("SigningCertURL")
        confirmationURL = kind == .subscription ? body["SubscribeURL"]?.text : nil
        switch try body.name("SignatureVersion") {
        case "1": hash = .sha1
        case "2": hash = .sha256
        default: throw .malformed("'SignatureVersion' has to be 1 or 2")
        }
        guard let text = body["Signature"]?.text, let signature = Base64.decode(text.prefix { $0 != "=" }, .plain)
        else {
            throw .malformed("'Signature' has to be base64")
        }
        self.signature = signature
        var signed = ""
        for name in kind.signed {
            guard let value = body[name]?.text else { continue }
            signed += "\(name)\n\(value)\n"
        }
        self.text = Array(signed.utf8)
    }

    /// Whether the owner of the certificate wrote the message.
    func isSigned(by certificate: Certificate) -> Bool { certificate.signed(text, signature, hash) }

    /// Whether an address is where SNS keeps its certificates.
    ///
    /// Anybody can sign with a certificate of their own and say where it is to be had. So there is no reading of the
    /// address that a client could read otherwise: no user, port, query or odd letter, one segment, a name of SNS's own. And
    /// what stands for the region has to look like one: `sns.s3-us-west-2.amazonaws.com` is S3, and a bucket that is anybody's.
    static func isOfCertificate(_ url: String) -> Bool {
        guard let path = pathOfSNS(url) else { return false }
        return path.wholeMatch(of: /SimpleNotificationService(-[A-Za-z0-9]{1,100})?\.pem/) != nil
    }

    /// Whether an address confirms a subscription, and does nothing else.
    static func isOfConfirmation(_ url: String) -> Bool {
        guard url.utf8.count <= 2048, let path = pathOfSNS(url) else { return false }
        return path.wholeMatch(of: /\?Action=ConfirmSubscription&[A-Za-z0-9%&=:._~\-]+/) != nil
    }

    /// What follows the first slash of an address of SNS in one of its regions, such as `us-gov-west-1`; `nil` for others.
    private static func pathOfSNS(_ url: String) -> Substring? {
        let host = /https:\/\/sns\.[a-z]{2,3}(-[a-z]{1,20}){1,2}-[0-9]{1,2}\.amazonaws\.com(\.cn)?\//
        return url.prefixMatch(of: host).map { url[$0.range.upperBound...] }
    }
}
