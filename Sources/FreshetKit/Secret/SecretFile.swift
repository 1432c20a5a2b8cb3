internal import FreshetCore
private import Glibc

/// A small file that holds a secret.
public enum SecretFile {
    /// More than any key, chain of certificates or token.
    private static let limit = 1 << 20

    /// The file's text, and when it was last written.
    ///
    /// - Parameters:
    ///   - path: absolute.
    ///   - isForAll: whether everyone may be able to read it, as with tokens that a platform puts into a container.
    /// - Returns: the text as it stands, its last line break included.
    /// - Throws: ``SecretError/unreadable(file:reason:)``, also for what is no regular file or no UTF-8.
    public static func read(_ path: String, isForAll: Bool = false) throws(SecretError) -> SecretValue {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, reason: "it is not a regular file")
        }
        guard isForAll || status.st_mode & S_IROTH == 0 else {
            throw .unreadable(file: path, reason: "everyone may read it; run: chmod o-rwx '\(path)'")
        }
        guard let bytes = contents(of: descriptor) else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        guard bytes.count <= limit else {
            throw .unreadable(file: path, reason: "it has more than \(limit) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadable(file: path, reason: "it is not UTF-8 text")
        }
        let written = Timestamp(
            milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        )
        return SecretValue(text, changedAt: written)
    }

    private static func contents(of descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 else { return nil }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
        return bytes
    }
}
