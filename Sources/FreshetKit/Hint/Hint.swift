public import FreshetCore

/// A word from outside that something may have changed: a reason to look now, and never more than that.
///
/// A hint carries no version. One that is lost, repeated, late or forged costs time and not correctness: what follows
/// is a look, and only what that look sees is compared.
public struct Hint: Hashable, Sendable {
    /// What a hint is about, in the words of whoever sent it.
    public enum Subject: Hashable, Sendable {
        /// An asset of the project by its key, as a webhook may name it.
        case asset(AssetKey)
        /// An object of a bucket; the key as it is, not encoded.
        case object(bucket: String, key: String)
        /// Anything behind a connection, by the name that its system has for it; `nil` for all that is behind it.
        case thing(connection: String, name: String?)
    }

    public var subject: Subject
    /// What happened, as the sender says, such as `ObjectCreated:Put`; for the log alone.
    public var event: String
    /// Who brought it, such as `sqs/freshet-events`.
    public var source: String

    public init(_ subject: Subject, event: String = "", source: String) {
        self.subject = subject
        self.event = event
        self.source = source
    }
}

extension Hint: CustomStringConvertible {
    public var description: String {
        let what =
            switch subject {
            case .asset(let key): key.path
            case .object(let bucket, let key): "s3://\(bucket)/\(key)"
            case .thing(let connection, let name): name.map { "\($0) of \(connection)" } ?? connection
            }
        return event.isEmpty ? what : "\(what) (\(event))"
    }
}
