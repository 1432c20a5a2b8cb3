private import Glibc

/// References to what the process was given: its environment, and files beside the project or from systemd.
///
/// `${env:NAME}` is an environment variable. `${secret:env/NAME}` is one too, and is kept out of every text.
/// `${secret:file/PATH}` is a file: in `$CREDENTIALS_DIRECTORY` when that is set and the file is there, else in the
/// project's folder; `${secret:systemd/NAME}` is one in `$CREDENTIALS_DIRECTORY` and nowhere else. One line break at
/// its end does not count. `#field` picks a member of a value that is a JSON object. `$$` stands for a single `$`.
///
/// - SeeAlso: systemd.exec(5), "Credentials", for `$CREDENTIALS_DIRECTORY`.
public struct ProcessSecrets: Secrets {
    /// The backends that exist without being declared.
    public static let backends = ["env", "file", "systemd"]

    private let root: String
    private let redactor: Redactor
    private let lookup: @Sendable (String) -> String?

    /// Reads the environment of this process.
    public init(root: String, redactor: Redactor) {
        self.init(root: root, redactor: redactor) { name in getenv(name).map { String(cString: $0) } }
    }

    /// - Parameters:
    ///   - root: the project's folder.
    ///   - redactor: learns every secret before it is returned.
    ///   - variable: an environment variable by name; `nil` when it is not set.
    public init(root: String, redactor: Redactor, variable: @escaping @Sendable (String) -> String?) {
        self.root = root
        self.redactor = redactor
        lookup = variable
    }

    public func resolve(_ text: String) async throws(SecretError) -> String {
        var resolved = ""
        for piece in try ReferencePiece.pieces(of: text) {
            switch piece {
            case .text(let text): resolved += text
            case .variable(let name): resolved += try environment(name)
            case .secret(let inside):
                guard let reference = SecretReference(parsing: inside, hasVersions: { _ in false }) else {
                    throw .malformed(reference: "${secret:\(inside)}")
                }
                resolved += try read(reference, others: []).text
            }
        }
        return resolved
    }

    public func variable(_ name: String) -> String? { lookup(name) }

    func environment(_ name: String) throws(SecretError) -> String {
        guard let value = lookup(name) else { throw .notSet(variable: name) }
        return value
    }

    /// The value of one reference; `others` are further backends that the project knows, for the message.
    func read(_ reference: SecretReference, others: [String]) throws(SecretError) -> SecretValue {
        let whole: SecretValue
        switch reference.backend {
        case "env": whole = SecretValue(try environment(reference.path))
        case "file": whole = try file(path(of: try checked(reference)))
        case "systemd": whole = try file(try credential(try checked(reference)))
        default:
            throw .unknownProvider(reference.backend, reference: reference.text, known: Self.backends + others)
        }
        let value = try whole.picked(by: reference)
        redactor.learn(value.text)
        return value
    }

    /// The path of a reference that does not lead out of its folder.
    private func checked(_ reference: SecretReference) throws(SecretError) -> String {
        guard !reference.path.split(separator: "/").contains("..") else { throw .malformed(reference: reference.text) }
        return reference.path
    }

    private func file(_ path: String) throws(SecretError) -> SecretValue {
        var value = try SecretFile.read(path)
        if value.text.unicodeScalars.last == "\n" { value.text.unicodeScalars.removeLast() }
        if value.text.unicodeScalars.last == "\r" { value.text.unicodeScalars.removeLast() }
        return value
    }

    private func path(of name: String) -> String {
        if name.hasPrefix("/") { return name }
        if let credentials = lookup("CREDENTIALS_DIRECTORY"), !credentials.isEmpty {
            let path = "\(credentials)/\(name)"
            if access(path, F_OK) == 0 { return path }
        }
        return "\(root)/\(name)"
    }

    private func credential(_ name: String) throws(SecretError) -> String {
        guard let folder = lookup("CREDENTIALS_DIRECTORY"), !folder.isEmpty else {
            throw .notSet(variable: "CREDENTIALS_DIRECTORY")
        }
        return "\(folder)/\(name)"
    }
}
