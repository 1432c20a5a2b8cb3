private import Synchronization

/// Knows every secret that this process has resolved, and takes them out of texts on their way to a sink.
public final class Redactor: Sendable {
    private let known = Mutex<Set<String>>([])

    public init() {}

    /// Values shorter than four characters are not kept: taking them out would garble every text.
    public func learn(_ secret: String) {
        guard secret.count >= 4 else { return }
        known.withLock { _ = $0.insert(secret) }
    }

    public func redact(_ text: String) -> String {
        let secrets = known.withLock { $0 }
        var text = text
        // The longest first: one secret may be the beginning of another.
        for secret in secrets.sorted(by: { $0.utf8.count > $1.utf8.count }) {
            text = text.replacing(secret, with: "[redacted]")
        }
        return text
    }
}
