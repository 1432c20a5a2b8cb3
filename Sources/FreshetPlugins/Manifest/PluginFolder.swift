private import FoundationEssentials
internal import FreshetCore
private import Glibc

/// The folder of a plugin, as it lies on disk.
package enum PluginFolder {
    /// Where a project keeps its plugins.
    package static let name = "plugins"
    private static let mostFiles = 2000
    private static let mostBytes = 64 << 20

    /// The names of the folders below `plugins/` that hold a `plugin.yaml`, in order.
    package static func names(root: String) -> [String] {
        let folder = root + "/" + name
        guard let entries = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }  // None.
        return entries.filter { entry in
            !entry.hasPrefix(".")
                && FileManager.default.fileExists(atPath: "\(folder)/\(entry)/\(PluginManifest.file)")
        }.sorted()
    }

    /// A hash of its files' names and contents, but for what begins with a dot, caches and tests.
    ///
    /// Past 2,000 files or 64 MB only names and sizes are told apart.
    package static func codeVersion(of folder: String) -> String {
        var hash = Fingerprint()
        var files = 0
        var bytes = 0
        func add(_ path: String, as name: String, depth: Int) {
            guard depth < 16, let entries = try? FileManager.default.contentsOfDirectory(atPath: path) else { return }
            for entry in entries.sorted() where !entry.hasPrefix(".") && entry != "__pycache__" && entry != "tests" {
                let child = "\(path)/\(entry)"
                var isFolder = false
                guard FileManager.default.fileExists(atPath: child, isDirectory: &isFolder) else { continue }
                if isFolder {
                    add(child, as: "\(name)/\(entry)", depth: depth + 1)
                    continue
                }
                var status = stat()
                guard stat(child, &status) == 0 else { continue }
                files += 1
                bytes += Int(status.st_size)
                hash.add("\(name)/\(entry)")
                hash.add(String(status.st_size))
                guard files <= mostFiles, bytes <= mostBytes else { continue }
                let data = FileManager.default.contents(atPath: child) ?? Data()
                hash.add(String(decoding: data, as: UTF8.self))
            }
        }
        add(folder, as: "", depth: 0)
        return hash.hexadecimal
    }

    /// A hash of what a file or folder holds; that of a file that is not there is another one.
    ///
    /// Of a file of more than 64 MB only the size counts.
    static func version(of path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "nothing" }
        if status.st_mode & S_IFMT == S_IFDIR { return codeVersion(of: path) }
        // Nothing else is opened: reading a FIFO would not end.
        guard status.st_mode & S_IFMT == S_IFREG else { return "no file" }
        var hash = Fingerprint()
        hash.add(String(status.st_size))
        if status.st_size <= mostBytes, let data = FileManager.default.contents(atPath: path) {
            hash.add(data.base64EncodedString())
        }
        return hash.hexadecimal
    }

    /// Whether the file may be executed by us.
    package static func isExecutable(_ program: String) -> Bool { access(program, X_OK) == 0 }
}
