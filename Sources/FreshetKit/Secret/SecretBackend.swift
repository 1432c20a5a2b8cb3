public import FreshetCore

/// A system that keeps secrets, declared in the section `secrets` of `freshet.yaml`.
///
/// A backend is also its own configuration: one value for each that the project declares. To add one, write one file
/// that conforms, and add its type to the target's `Catalog.swift`. Its own settings may refer to the environment, to
/// files and to systemd's credentials, never to another backend.
public protocol SecretBackend: Configurable {
    /// Whether references to it may name a version: `${secret:name/path@version}`.
    static var hasVersions: Bool { get }

    init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic)

    /// Asks for one secret; whoever calls keeps the answer for a while, picks the field, and teaches the ``Redactor``.
    ///
    /// A backend that signs in keeps that to itself: a sign-in that is refused is renewed once within the call.
    ///
    /// - Throws: ``SecretError/unavailable(backend:reason:isTransient:)``; no value is ever part of its text.
    func fetch(_ reference: SecretReference) async throws(SecretError) -> SecretValue
}

extension SecretBackend {
    public static var hasVersions: Bool { false }
}

/// A secret as its backend gives it.
public struct SecretValue: Hashable, Sendable {
    public var text: String
    /// Whether `text` is a JSON object of secrets rather than one secret, so that a reference has to name one of them
    /// unless there is only one.
    public var isObject: Bool
    /// When it was last changed, as far as the backend knows.
    public var changedAt: Timestamp?
    /// When it ceases to be good, as far as the backend knows.
    public var expiresAt: Timestamp?

    public init(
        _ text: String,
        isObject: Bool = false,
        changedAt: Timestamp? = nil,
        expiresAt: Timestamp? = nil
    ) {
        self.text = text
        self.isObject = isObject
        self.changedAt = changedAt
        self.expiresAt = expiresAt
    }

    /// The field that the reference asks for; the whole when it asks for none.
    ///
    /// - Throws: ``SecretError/noField(reference:known:)``.
    func picked(by reference: SecretReference) throws(SecretError) -> SecretValue {
        guard isObject || reference.field != nil else { return self }
        // What is not JSON has no fields, which is all that there is to say of it here.
        let members = (try? JSONValue(parsing: text))?.object ?? [:]
        let only = members.count == 1 ? members.keys.first : nil
        guard let field = reference.field ?? only else {
            throw .noField(reference: reference.text, known: members.keys.sorted())
        }
        var picked = self
        picked.isObject = false
        switch members[field] {
        case .text(let text): picked.text = text
        case .integer, .number, .boolean, .list, .object:
            picked.text = members[field]?.serialized() ?? ""
        case .null, nil: throw .noField(reference: reference.text, known: members.keys.sorted())
        }
        return picked
    }
}
