import FoundationEssentials

/// The files that are installed with the program.
enum Installation {
    /// Where a folder of them may be: beside the program, as in an unpacked archive, or in the `share` of its prefix.
    static func places(of folder: String) -> [String] {
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return []  // Without /proc nobody knows where the program is.
        }
        let beside = parent(of: program)
        return [beside + "/" + folder, parent(of: beside) + "/share/freshet/" + folder]
    }

    /// The first of the places where such a file is.
    static func folder(_ folder: String, with file: String) -> String? {
        places(of: folder).first { FileManager.default.fileExists(atPath: $0 + "/" + file) }
    }

    private static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
