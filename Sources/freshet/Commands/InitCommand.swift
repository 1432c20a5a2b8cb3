import ArgumentParser
import FoundationEssentials
import FreshetCore

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a starter project that 'freshet check' accepts.",
        usage: "freshet init [<folder>] [options]"
    )

    @Argument(help: "The folder; made if it is not there.")
    var folder = "."

    @Option(name: .long, help: "The project's name; otherwise that of the folder.")
    var name: String?

    @Flag(name: .long, help: "Write one JSON document to standard output.")
    var json = false

    @Option(name: .long, help: "Colour: auto, always or never.")
    var color: Style.Choice = .auto

    func run() async throws {
        let output = Output(colour: color, environment: Wiring.environment)
        let files = FileManager.default
        let root = folder.hasPrefix("/") ? folder : files.currentDirectoryPath + "/" + folder
        let name = Self.projectName(self.name ?? root)
        do {
            try files.createDirectory(atPath: root + "/assets", withIntermediateDirectories: true)
        } catch {
            throw Failure.file(path: root, reason: "the folder cannot be made")
        }
        var written: [JSONValue] = []
        var kept: [JSONValue] = []
        for (path, text) in Starter.files(project: name) {
            let file = root + "/" + path
            // Whoever runs it twice, or in a folder in use, loses nothing.
            guard !files.fileExists(atPath: file) else {
                output.note("kept    \(path)")
                kept.append(.text(path))
                continue
            }
            do { try Data(text.utf8).write(to: URL(filePath: file)) } catch {
                throw Failure.file(path: file, reason: "the file cannot be written")
            }
            if !json { output.line("wrote   \(path)") }
            written.append(.text(path))
        }
        if json { return output.document("freshet.init/1", ["written": .list(written), "kept": .list(kept)]) }
        output.line()
        output.line("Next: freshet check, then fill in freshet.yaml and run freshet plan.")
        output.line("To try it without Power BI: freshet emulator")
    }

    /// The last component of a path, of the characters that a project's name may have.
    private static func projectName(_ path: String) -> String {
        let last = path.split(separator: "/").last { $0 != "." } ?? "project"
        let kept = last.map { ($0.isASCII && ($0.isLetter || $0.isNumber)) || $0 == "_" ? $0 : "-" }
        let name = String(kept).lowercased().drop { !$0.isLetter && !$0.isNumber }
        return name.isEmpty ? "project" : String(name)
    }
}
