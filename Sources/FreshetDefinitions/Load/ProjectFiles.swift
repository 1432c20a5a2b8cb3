private import FoundationEssentials
internal import FreshetCore
internal import FreshetKit

/// The files of a project's folder.
struct ProjectFiles {
    static let projectFile = "freshet.yaml"
    static let assetFolder = "assets"
    private static let depthLimit = 32

    /// Absolute.
    let root: String

    /// - Returns: `nil` when there is no `freshet.yaml` in the folder.
    init?(folder: String) {
        let root = Self.absolute(folder)
        guard FileManager.default.fileExists(atPath: root + "/" + Self.projectFile) else { return nil }
        self.root = root
    }

    /// The nearest folder, this one or one above it, that holds a `freshet.yaml`.
    static func find(from folder: String) -> String? {
        var folder = absolute(folder)
        while true {
            if ProjectFiles(folder: folder) != nil { return folder }
            guard let slash = folder.lastIndex(of: "/"), folder != "/" else { return nil }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
    }

    /// Without `.`, `..` and a slash at its end.
    static func absolute(_ path: String) -> String {
        let path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// Every `assets/**/*.yaml` and `*.yml`, relative to the root and in order; names that begin with a dot are left
    /// out, and with them the folders in which Kubernetes keeps the versions of a mounted configuration.
    func assetFiles(_ diagnostics: inout DiagnosticList) -> [String] {
        var found: [String] = []
        collect(Self.assetFolder, depth: 0, into: &found, &diagnostics)
        return found.sorted()
    }

    private func collect(_ folder: String, depth: Int, into found: inout [String], _ list: inout DiagnosticList) {
        let path = root + "/" + folder
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else { return }
        guard depth < Self.depthLimit else {
            list.error("folders are nested more than \(Self.depthLimit) deep here", at: Origin(file: folder))
            return
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            list.error("the folder cannot be read", at: Origin(file: folder), hint: "check its permissions")
            return
        }
        for name in names where !name.hasPrefix(".") {
            let child = folder + "/" + name
            var isFolder = false
            let exists = FileManager.default.fileExists(atPath: root + "/" + child, isDirectory: &isFolder)
            if exists, isFolder {
                collect(child, depth: depth + 1, into: &found, &list)
            } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                found.append(child)
            }
        }
    }

    /// The text of a file, or `nil` and a mistake.
    func read(_ file: String, _ diagnostics: inout DiagnosticList) -> String? {
        guard let data = FileManager.default.contents(atPath: root + "/" + file) else {
            diagnostics.error(
                "the file cannot be read",
                at: Origin(file: file),
                hint: "check that it exists and its permissions"
            )
            return nil
        }
        let bytes = data.starts(with: [0xEF, 0xBB, 0xBF]) ? data.dropFirst(3) : data
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let (line, column) = Self.firstInvalid(Array(bytes))
            diagnostics.error(
                "the file is not UTF-8 text",
                at: Origin(file: file, line: line, column: column),
                hint: "save it in the encoding UTF-8"
            )
            return nil
        }
        return text
    }

    private static func firstInvalid(_ bytes: [UInt8]) -> (line: Int, column: Int) {
        var (line, column) = (1, 1)
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            column += 1
            if scalar == "\n" { (line, column) = (line + 1, 1) }
        }
        return (line, column)
    }
}
