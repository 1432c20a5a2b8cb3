private import Glibc

/// References to what the process was given: its environment, and files beside the project or from systemd.
///
/// `${env:NAME}` is an environment variable. `${secret:env/NAME}` is one too, and is kept out of every text.
/// `${secret:file/PATH}` is a file: in `$CREDENTIALS_DIRECTORY` when that is set and the file is there, else in the
/// project's folder; one line break at its end does not count. `$$` stands for a single `$`.
///
/// - SeeAlso: systemd.exec(5), "Credentials", for `$CREDENTIALS_DIRECTORY`.
public struct ProcessSecrets: Secrets {
    private static let providers = ["env", "file"]

    private let root: String
    private let redactor: Redactor
    private let variable: @Sendable (String) -> String?

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
        self.variable = variable
    }

    public func resolve(_ text: String) async throws(SecretError) -> String {
        var resolved = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            resolved += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.hasPrefix("$") {
                resolved += "$"
                rest = rest.dropFirst()
            } else if rest.hasPrefix("{") {
                guard let end = rest.firstIndex(of: "}") else { throw .malformed(reference: "$" + rest) }
                resolved += try value(of: rest[rest.index(after: rest.startIndex)..<end])
                rest = rest[rest.index(after: end)...]
            } else {
                resolved += "$"
            }
        }
        return resolved + rest
    }

    /// What a reference stands for, given what is between its braces.
    private func value(of reference: Substring) throws(SecretError) -> String {
        let written = "${\(reference)}"
        guard let colon = reference.firstIndex(of: ":") else { throw .malformed(reference: written) }
        let path = reference[reference.index(after: colon)...]
        switch reference[..<colon] {
        case "env": return try environment(String(path), in: written)
        case "secret": return try secret(path, in: written)
        default: throw .malformed(reference: written)
        }
    }

    private func secret(_ path: Substring, in written: String) throws(SecretError) -> String {
        guard let slash = path.firstIndex(of: "/") else { throw .malformed(reference: written) }
        let provider = String(path[..<slash])
        let name = String(path[path.index(after: slash)...])
        let value: String
        switch provider {
        case "env": value = try environment(name, in: written)
        case "file": value = try contents(of: name, in: written)
        default: throw .unknownProvider(provider, reference: written, known: Self.providers)
        }
        redactor.learn(value)
        return value
    }

    private func environment(_ name: String, in written: String) throws(SecretError) -> String {
        guard !name.isEmpty else { throw .malformed(reference: written) }
        guard let value = variable(name) else { throw .notSet(variable: name) }
        return value
    }

    private func contents(of name: String, in written: String) throws(SecretError) -> String {
        guard !name.isEmpty, !name.split(separator: "/").contains("..") else { throw .malformed(reference: written) }
        let path = path(of: name)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, reason: "it is not a regular file")
        }
        guard status.st_mode & S_IROTH == 0 else {
            throw .unreadable(file: path, reason: "everyone may read it; run: chmod o-rwx '\(path)'")
        }
        guard var bytes = Self.read(descriptor) else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadable(file: path, reason: "it is not UTF-8 text")
        }
        return text
    }

    private func path(of name: String) -> String {
        if name.hasPrefix("/") { return name }
        if let credentials = variable("CREDENTIALS_DIRECTORY"), !credentials.isEmpty {
            let path = "\(credentials)/\(name)"
            if access(path, F_OK) == 0 { return path }
        }
        return "\(root)/\(name)"
    }

    private static func read(_ descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { return nil }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}
