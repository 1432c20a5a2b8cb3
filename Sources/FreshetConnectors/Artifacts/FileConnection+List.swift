private import FreshetCore
private import Glibc

extension FileConnection {
    /// The regular files below the folder whose paths begin so; folders behind links are not entered.
    package func list(_ query: ArtifactQuery) async throws -> ArtifactListing {
        let root = try await location(of: "")
        return try await offPool { () throws(FileError) in
            let walk = try FolderWalk.walk(root, query)
            return ArtifactListing(walk.entries, requests: walk.folders)
        }
    }

    /// The same below any folder, whose path ends in a slash; without one, keys are absolute paths.
    static func entries(below root: String, _ query: ArtifactQuery) throws(FileError) -> [ArtifactEntry] {
        try FolderWalk.walk(root, query).entries
    }

    /// Whether anything is there, readable or not.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

private struct FolderWalk {
    /// Ends in a slash.
    let root: String
    let query: ArtifactQuery
    var entries: [ArtifactEntry] = []
    var folders = 0

    static func walk(_ root: String, _ query: ArtifactQuery) throws(FileError) -> FolderWalk {
        var walk = FolderWalk(root: root, query: query)
        // Only the folder that the prefix lies in can hold anything of it.
        let folder = query.prefix.lastIndex(of: "/").map { String(query.prefix[...$0]) } ?? ""
        try walk.visit(folder)
        walk.entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return walk
    }

    /// Takes the folder's key: empty, or ending in a slash.
    mutating func visit(_ folder: String) throws(FileError) {
        guard let stream = opendir(root + folder) else {
            // A folder that is not there holds nothing, as in a bucket.
            if errno == ENOENT || errno == ENOTDIR { return }
            throw .unreadable(root + folder, reason: String(cString: strerror(errno)))
        }
        defer { closedir(stream) }
        folders += 1
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            try add(folder + name)
        }
    }

    private mutating func add(_ key: String) throws(FileError) {
        var status = stat()
        guard lstat(root + key, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFLNK {
            // A link to a file counts as the file; one to a folder could lead round in a circle.
            guard stat(root + key, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR where Self.begins(query.prefix, with: key + "/") || Self.begins(key + "/", with: query.prefix):
            try visit(key + "/")
        case S_IFREG where Self.begins(key, with: query.prefix) && isBehind(key):
            guard entries.count < query.limit else { throw .tooMany(root + query.prefix, limit: query.limit) }
            let head = FileConnection.head(of: status)
            entries.append(
                ArtifactEntry(key: key, etag: head.etag, size: head.size, lastModified: head.lastModified ?? "")
            )
        default: break
        }
    }

    /// Byte for byte, as S3 does it: to Swift, a letter with an accent of its own does not begin with the letter.
    private static func begins(_ text: String, with prefix: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

    private func isBehind(_ key: String) -> Bool {
        query.after.map { $0.utf8.lexicographicallyPrecedes(key.utf8) } ?? true
    }
}
