/// The seam to what must not be written down: `${env:NAME}` and `${secret:<backend>/<path>}`.
public protocol Secrets: Sendable {
    /// Replaces every reference in `text` by its present value. Called at each use, so that rotation needs no restart.
    ///
    /// What a `${secret:…}` resolves to is made known to the ``Redactor`` before it is returned.
    func resolve(_ text: String) async throws(SecretError) -> String

    /// Drops what is kept of the secrets that `text` refers to, so that the next use reads them anew.
    ///
    /// Called by a consumer whose secret was refused, once for each refusal.
    func forget(_ text: String) async

    /// What the process was given under this name; `nil` when it is not set.
    func variable(_ name: String) -> String?
}

extension Secrets {
    public func forget(_ text: String) async {}
    public func variable(_ name: String) -> String? { nil }
}

/// Why a reference has no value; never carries the value.
public enum SecretError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(reference: String)
    case unknownProvider(String, reference: String, known: [String])
    case notSet(variable: String)
    case unreadable(file: String, reason: String)
    /// The value is no JSON object, or has no such member; `known` are the members it has.
    case noField(reference: String, known: [String])
    /// The system behind a backend did not give the value; a transient failure may pass by itself.
    case unavailable(backend: String, reason: String, isTransient: Bool)

    /// Whether asking again later may help without a person.
    public var isTransient: Bool {
        if case .unavailable(_, _, let isTransient) = self { isTransient } else { false }
    }

    public var description: String {
        switch self {
        case .malformed(let reference):
            "'\(reference)' is not a reference; write ${env:NAME}, ${secret:env/NAME}, ${secret:file/PATH} or "
                + "${secret:<backend>/<path>[#field][@version]}"
        case .unknownProvider(let provider, let reference, let known):
            "'\(reference)' names the backend '\(provider)'; known are \(known.joined(separator: ", "))"
        case .notSet(let variable): "the environment variable \(variable) is not set"
        case .unreadable(let file, let reason): "the secret file \(file) cannot be read: \(reason)"
        case .noField(let reference, let known) where known.isEmpty:
            "'\(reference)' asks for a field, and the secret is not a JSON object with fields"
        case .noField(let reference, let known):
            "'\(reference)' names no field of the secret; write '#' and one of \(known.joined(separator: ", ")) behind it"
        case .unavailable(let backend, let reason, _): "the secret backend '\(backend)' gives no value: \(reason)"
        }
    }
}
