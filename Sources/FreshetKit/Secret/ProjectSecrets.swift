/// The secrets of a project: those of the process, and those of the backends that the project declares.
///
/// What a backend gave is kept in memory for its `cache`, at most five minutes, and read again when a consumer says by
/// ``forget(_:)`` that it was refused. Nothing is ever written down.
public struct ProjectSecrets: Secrets {
    private let process: ProcessSecrets
    private let shelves: [String: SecretShelf]
    private let versioned: Set<String>
    private let redactor: Redactor

    /// A backend, how long to keep what it gives, and its name in references.
    public struct Declared: Sendable {
        public var name: String
        public var backend: any SecretBackend
        public var cache: Duration

        public init(name: String, backend: any SecretBackend, cache: Duration) {
            self.name = name
            self.backend = backend
            self.cache = cache
        }
    }

    /// The redactor learns every secret before it is returned; the clock measures how long it is kept.
    public init(
        process: ProcessSecrets,
        backends: [Declared],
        redactor: Redactor,
        clock: any EngineClock
    ) {
        self.process = process
        self.redactor = redactor
        var shelves: [String: SecretShelf] = [:]
        var versioned: Set<String> = []
        for declared in backends {
            shelves[declared.name] = SecretShelf(declared.backend, life: declared.cache, clock: clock)
            if type(of: declared.backend).hasVersions { versioned.insert(declared.name) }
        }
        self.shelves = shelves
        self.versioned = versioned
    }

    public func resolve(_ text: String) async throws(SecretError) -> String {
        var resolved = ""
        for piece in try ReferencePiece.pieces(of: text) {
            switch piece {
            case .text(let text): resolved += text
            case .variable(let name): resolved += try process.environment(name)
            case .secret(let inside): resolved += try await read(try parsed(inside)).text
            }
        }
        return resolved
    }

    public func forget(_ text: String) async {
        for reference in references(in: text) { await shelves[reference.backend]?.forget(reference) }
    }

    public func variable(_ name: String) -> String? { process.variable(name) }

    /// The references to secrets in a text, in order; none in a text that is malformed.
    public func references(in text: String) -> [SecretReference] {
        // Whoever resolves the text is told what is wrong with it.
        guard let pieces = try? ReferencePiece.pieces(of: text) else { return [] }
        return pieces.compactMap { piece in
            guard case .secret(let inside) = piece else { return nil }
            return SecretReference(parsing: inside) { versioned.contains($0) }
        }
    }

    /// The present value of one reference, with what is known of its age.
    public func read(_ reference: SecretReference) async throws(SecretError) -> SecretValue {
        guard let shelf = shelves[reference.backend] else {
            return try process.read(reference, others: shelves.keys.sorted())
        }
        let value = try await shelf.value(of: reference).picked(by: reference)
        redactor.learn(value.text)
        return value
    }

    private func parsed(_ inside: String) throws(SecretError) -> SecretReference {
        guard let reference = SecretReference(parsing: inside, hasVersions: { versioned.contains($0) }) else {
            throw .malformed(reference: "${secret:\(inside)}")
        }
        return reference
    }
}
