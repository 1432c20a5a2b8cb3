import FreshetKit
import Glibc

/// The files of a store: the database, SQLite's `-wal` and `-shm` beside it, and the lock.
struct StoreFiles {
    /// Without symbolic links, so that one database has one lock whatever name it is opened by.
    let database: String
    var lock: String { database + ".lock" }

    /// Makes the folder (0700) and an empty database (0600) if they are not there, for a store that is to be written.
    ///
    /// SQLite gives `-wal` and `-shm` the mode of the database. An existing file is left as it is, and is not opened:
    /// closing it would drop the locks that SQLite holds on it in this process (sqlite.org/howtocorrupt.html, 2.2).
    static func created(at path: String) throws(StoreError) -> StoreFiles {
        try makeFolder(folder(of: path))
        let files = StoreFiles(database: resolved(path))
        try files.refuseNetwork()
        let descriptor = open(files.database, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno != EEXIST {
            throw .cannotOpen(path: path, reason: SystemError.last)
        }
        return files
    }

    /// Finds a store that is to be read, and refuses one on which reading would do harm.
    ///
    /// A reader may have to create `-wal` and `-shm`. Made by another user they would keep the owner's daemon out, so
    /// only the owner may read. Root may too: SQLite then gives the files it makes to the owner of the database
    /// (`robustFchown` in os_unix.c).
    static func found(at path: String) throws(StoreError) -> StoreFiles {
        let files = StoreFiles(database: resolved(path))
        var status = stat()
        guard stat(files.database, &status) == 0 else {
            throw .cannotOpen(path: path, reason: errno == ENOENT ? "there is no store yet" : SystemError.last)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .cannotOpen(path: path, reason: "it is not a file") }
        let user = geteuid()
        guard user == 0 || user == status.st_uid else {
            let reason = """
                it belongs to user \(status.st_uid), and this is user \(user); files that reading leaves behind would \
                keep the owner out, so read it as its owner, or ask the daemon
                """
            throw .cannotOpen(path: path, reason: reason)
        }
        try files.refuseNetwork()
        return files
    }

    private func refuseNetwork() throws(StoreError) {
        guard let name = FileSystem.networkName(of: Self.folder(of: database)) else { return }
        let reason = "the folder is on \(name); SQLite needs a local file system for its locks and shared memory"
        throw .cannotOpen(path: database, reason: reason)
    }

    private static func makeFolder(_ folder: String) throws(StoreError) {
        if mkdir(folder, 0o700) == 0 { return }
        switch errno {
        case EEXIST: return
        case ENOENT where folder != Self.folder(of: folder):
            try makeFolder(Self.folder(of: folder))
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw .cannotOpen(path: folder, reason: SystemError.last)
            }
        default: throw .cannotOpen(path: folder, reason: SystemError.last)
        }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The file itself if it is there, else the name in its resolved folder.
    private static func resolved(_ path: String) -> String {
        if let real = real(path) { return real }
        guard let folder = real(folder(of: path)) else { return path }
        let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        return (folder == "/" ? "" : folder) + "/" + name
    }

    private static func real(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
