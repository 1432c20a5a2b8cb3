extension ProjectLoader {
    /// The texts of the files that a project is made of, by their paths in its folder.
    ///
    /// - Parameter folder: the one that holds `freshet.yaml`.
    /// - Returns: a file that cannot be read is left out; loading says so.
    package static func texts(in folder: String) -> [String: String] {
        guard let files = ProjectFiles(folder: folder) else { return [:] }
        var diagnostics = DiagnosticList()
        var texts: [String: String] = [:]
        for name in [ProjectFiles.projectFile] + files.assetFiles(&diagnostics) {
            texts[name] = files.read(name, &diagnostics)
        }
        return texts
    }
}
