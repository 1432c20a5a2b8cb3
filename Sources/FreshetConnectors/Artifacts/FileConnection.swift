package import FreshetCore
package import FreshetKit
internal import Glibc

/// A folder of this machine, read like a bucket.
package struct FileConnection: ArtifactStore {
    package static let name = "file"
    package static let summary = "A folder of this machine that documents are read from."
    /// A tag is the file's number, time and size: two writes of one size within one tick of the clock look the same.
    package static let etagStrength = Strength.probable
    package static let fields = [
        Field("path", .text, required: true, "The folder; a relative path starts at the project's folder.")
    ]
    package static let examples = [
        """
        kind: file
        path: target
        """
    ]

    private let path: String
    private let surroundings: Surroundings

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        path = try settings.requiredText("path")
        self.surroundings = surroundings
    }

    package func head(_ key: String) async throws -> ArtifactHead? {
        let file = try await location(of: key)
        return try await offPool { () throws(FileError) in
            try OpenFile.open(file)?.head()
        }
    }

    package func get(_ key: String, ifNoneMatch etag: String?) async throws -> ArtifactAnswer {
        let file = try await location(of: key)
        return try await offPool { () throws(FileError) in
            guard let open = try OpenFile.open(file) else { return .missing }
            let head = try open.head()
            guard head.etag != etag else { return .unchanged }
            let bytes = try open.read()
            // Whoever writes in place may have been at work meanwhile.
            guard try open.head() == head, bytes.count == head.size else { throw .changedWhileReading(file) }
            return .found(head, bytes)
        }
    }

    package func read<Reader: ArtifactReader>(
        _ key: String,
        ifNoneMatch etag: String?,
        into reader: Reader
    ) async throws -> ArtifactReading<Reader> {
        let file = try await location(of: key)
        return try await offPool { () throws(any Error) -> ArtifactReading<Reader> in
            guard let open = try OpenFile.open(file) else { return .missing }
            let head = try open.head()
            guard head.etag != etag else { return .unchanged }
            var reader = reader
            do {
                try open.read { try reader.read($0) }
            } catch {
                // What was being written is no mistake of whoever wrote it.
                guard try open.head() == head else { throw FileError.changedWhileReading(file) }
                throw error
            }
            guard try open.head() == head else { throw FileError.changedWhileReading(file) }
            return .read(head, reader)
        }
    }

    /// A whole file of this machine, by its absolute path; empty where there is none.
    static func contents(of path: String) throws(FileError) -> [UInt8] { try OpenFile.open(path)?.read() ?? [] }

    func location(of key: String) async throws(SecretError) -> String {
        let folder = try await surroundings.secrets.resolve(path)
        return folder.hasPrefix("/") ? "\(folder)/\(key)" : "\(surroundings.root)/\(folder)/\(key)"
    }
}

extension FileConnection {
    static func head(of status: stat) -> ArtifactHead {
        let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        return ArtifactHead(
            etag: "\"\(status.st_ino)-\(time)-\(status.st_size)\"",
            size: Int64(status.st_size),
            lastModified: time
        )
    }
}

/// Why a file could not be read.
package enum FileError: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(String, reason: String)
    /// Reading it again may succeed.
    case changedWhileReading(String)
    case tooMany(String, limit: Int)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
        case .changedWhileReading(let file): "\(file) changed while it was read"
        case .tooMany(let start, let limit):
            "there are more than \(limit) files whose paths begin with \(start); state a longer prefix"
        }
    }
}

/// A regular file that is open for reading; closes itself.
private struct OpenFile: ~Copyable {
    private let path: String
    private let descriptor: Int32

    /// Returns `nil` when there is no such file.
    static func open(_ path: String) throws(FileError) -> OpenFile? {
        // Without O_NONBLOCK a named pipe would block here until somebody writes to it.
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .unreadable(path, reason: String(cString: strerror(errno)))
        }
        return OpenFile(path: path, descriptor: descriptor)
    }

    deinit { close(descriptor) }

    func head() throws(FileError) -> ArtifactHead {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(path, reason: "it is not a regular file") }
        return FileConnection.head(of: status)
    }

    func read() throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try next() { bytes += piece }
        return bytes
    }

    func read(_ take: ([UInt8]) throws -> Void) throws {
        while let piece = try next() { try take(piece) }
    }

    /// The next piece; `nil` at the end.
    private func next() throws(FileError) -> [UInt8]? {
        var count = 0
        let piece = [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, filled in
            count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            filled = max(count, 0)
        }
        guard count >= 0 else { throw failure() }
        return count > 0 ? piece : nil
    }

    private func failure() -> FileError { .unreadable(path, reason: String(cString: strerror(errno))) }
}
