private import FoundationEssentials
private import Glibc

/// Who could change what a program does: whoever can can do whatever the daemon can.
///
/// Only root and ourselves may write a program, what it is started with, and the folders that these stand in; of groups,
/// only root's and our own first one, in which by custom nobody else is.
extension PluginFolder {
    /// What is wrong with a program of a plugin, in words; `nil` when nothing is.
    ///
    /// - Parameters:
    ///   - program: a file.
    ///   - folder: the plugin's; every folder from the file's up to it is looked at. `nil` for the file's alone.
    /// - Returns: a sentence without a full stop.
    package static func problem(of program: String, in folder: String? = nil) -> String? {
        var status = stat()
        guard stat(program, &status) == 0 else { return "there is no file \(program)" }
        guard status.st_mode & S_IFMT == S_IFREG else { return "\(program) is not a file" }
        return problem(program, status) ?? problem(ofFoldersOf: program, upTo: folder)
    }

    /// What is wrong with a path that a program is started with; it may also be a folder, or not be there yet.
    static func problem(ofArgument path: String) -> String? {
        var status = stat()
        if stat(path, &status) == 0 {
            guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return nil }
            if let problem = problem(path, status) { return problem }
        }
        return problem(ofFoldersOf: path, upTo: nil)
    }

    private static func problem(ofFoldersOf path: String, upTo top: String?) -> String? {
        var folders: [String] = []
        if let parent = parent(of: path) { folders.append(parent) }
        // Where a link leads, the file itself stands.
        if let real = real(path), let parent = parent(of: real), !folders.contains(parent) { folders.append(parent) }
        if let top {
            var folder = folders.first ?? top
            while folder.hasPrefix(top + "/"), let next = parent(of: folder) {
                folders.append(next)
                folder = next
            }
        }
        for folder in folders {
            var status = stat()
            guard stat(folder, &status) == 0, let problem = problem(folder, status) else { continue }
            return problem
        }
        return nil
    }

    private static func problem(_ path: String, _ status: stat) -> String? {
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        let what = isFolder ? "put other programs there" : "change what it does"
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            return "\(path) belongs to the user \(status.st_uid), who could \(what); own it yourself"
        }
        // In such a folder, as /tmp is, nobody can replace what is another's.
        if isFolder, status.st_mode & S_ISVTX != 0 { return nil }
        if status.st_mode & S_IWOTH != 0 {
            return "everybody can write \(path), and so \(what); run 'chmod o-w' on it"
        }
        if status.st_mode & S_IWGRP != 0, status.st_gid != 0, status.st_gid != getegid() {
            return "the group \(status.st_gid) can write \(path), and so \(what); run 'chmod g-w' on it"
        }
        return nil
    }

    private static func parent(of path: String) -> String? {
        guard path != "/", let slash = path.lastIndex(of: "/") else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
