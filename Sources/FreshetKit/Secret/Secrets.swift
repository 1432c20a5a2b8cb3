/// The seam to what must not be written down: `${env:NAME}`, `${secret:env/NAME}`, `${secret:file/NAME}`.
public protocol Secrets: Sendable {
    /// Replaces every reference in `text` by its present value. Called at each use, so that rotation needs no restart.
    ///
    /// What a `${secret:…}` resolves to is made known to the ``Redactor`` before it is returned.
    func resolve(_ text: String) async throws(SecretError) -> String
}

/// Why a reference has no value; never carries the value.
public enum SecretError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(reference: String)
    case unknownProvider(String, reference: String, known: [String])
    case notSet(variable: String)
    case unreadable(file: String, reason: String)

    public var description: String {
        switch self {
        case .malformed(let reference):
            "'\(reference)' is not a reference; write ${env:NAME}, ${secret:env/NAME} or ${secret:file/PATH}"
        case .unknownProvider(let provider, let reference, let known):
            "'\(reference)' names the provider '\(provider)'; known are \(known.joined(separator: ", "))"
        case .notSet(let variable): "the environment variable \(variable) is not set"
        case .unreadable(let file, let reason): "the secret file \(file) cannot be read: \(reason)"
        }
    }
}
