import ArgumentParser
import FreshetCore
import FreshetDefinitions
import FreshetKit
import FreshetView

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Find every mistake in the project's files; needs no network.",
        usage: "freshet check [options]"
    )

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        do {
            var loaded = try options.load()
            try Wiring.check(loaded.project)
            loaded.warnings +=
                WeakSignals.warnings(loaded.project) + Unwatched.warnings(loaded.project)
                + UnsetVariables.warnings(loaded.project, Wiring.environment)
            tell(loaded, output)
        } catch Failure.definitions(let diagnostics, let root) {
            if options.json {
                output.document("freshet.check/1", ["ok": false, "diagnostics": .list(diagnostics.map(Self.document))])
            } else {
                output.note(DiagnosticReport.text(diagnostics, root: root, style: output.errorStyle))
            }
            throw ExitStatus.checkFailed
        }
    }

    private func tell(_ loaded: LoadedProject, _ output: Output) {
        let project = loaded.project
        if options.json {
            let members: [String: JSONValue] = [
                "ok": true, "project": .text(project.name), "assets": .integer(Int64(project.assets.count)),
                "diagnostics": .list(loaded.warnings.map(Self.document)),
                "schedules": .list(ScheduleText.rows(of: project, at: Wiring.clock.now).map(\.json)),
            ]
            return output.document("freshet.check/1", members)
        }
        if !loaded.warnings.isEmpty {
            output.note(DiagnosticReport.text(loaded.warnings, root: project.root, style: output.errorStyle))
        }
        let counts = ProjectCounts(project)
        output.line("\(output.style.green("ok")): \(project.name), \(project.assets.count) assets")
        var table = Table(indent: 2)
        for kind in counts.kinds { table.add([Table.Cell(kind.name), Table.Cell(String(kind.count))]) }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
        ScheduleText.write(project, to: output, at: Wiring.clock.now)
    }

    private static func document(_ diagnostic: Diagnostic) -> JSONValue {
        [
            "severity": .text(diagnostic.severity.rawValue), "file": .text(diagnostic.origin.file),
            "line": .integer(Int64(diagnostic.origin.line)), "column": .integer(Int64(diagnostic.origin.column)),
            "message": .text(diagnostic.message), "hint": Documents.text(diagnostic.hint),
        ]
    }
}
