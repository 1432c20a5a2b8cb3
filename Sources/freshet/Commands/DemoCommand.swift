import ArgumentParser
import FreshetCore
import FreshetKit

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Play a morning at a retailer on this machine: emulator, warehouse, daemon; ends by itself.",
        usage: "freshet demo [options]",
        discussion: """
            Runs the freshet.yaml and assets that are installed with the program, or those
            of the project that is named, in a temporary folder, in their environment
            'demo'. Ends with status 0 only if every line of the story held.
            """
    )

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        let began = Wiring.clock.now
        let project = try folder()
        let stage: Stage
        do { stage = try await Stage.set(project: project) } catch { throw Failure.other("\(error)") }
        var lines: [(Int, String)] = []
        let isJSON = options.json
        var failure: (any Error)?
        var totals: [(String, Int)] = []
        do {
            let story = Story(stage: stage) { number, text in
                lines.append((number, text))
                if !isJSON { Self.tell(number, text, output) }
            }
            try await story.play()
            totals = try await Self.totals(stage)
        } catch {
            failure = error
        }
        await stage.strike(keeping: failure != nil)
        if let failure {
            output.note("error: scene \(lines.count + 1): \(failure)")
            output.note("  the daemon's log is \(stage.folder)/daemon.log")
            throw ExitStatus.runFailed
        }
        if isJSON {
            let scenes: [JSONValue] = lines.map { ["scene": .integer(Int64($0.0)), "text": .text($0.1)] }
            let counts = totals.map { ($0.0.replacing(" ", with: "_"), JSONValue.integer(Int64($0.1))) }
            let all = Dictionary(uniqueKeysWithValues: counts)
            return output.document("freshet.demo/1", ["scenes": .list(scenes), "totals": .object(all)])
        }
        output.line()
        var table = Table()
        for (name, count) in totals { table.add([Table.Cell(name), Table.Cell(String(count))]) }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
        output.line()
        output.line("Every line held, in \((Wiring.clock.now - began).briefly).")
    }

    /// A project that `--project` names, else the one that is installed; in the source tree, where none is, the nearest.
    private func folder() throws -> String {
        let installed = options.project == nil ? Installation.folder("demo", with: "freshet.yaml") : nil
        return try installed ?? options.folder()
    }

    private static func tell(_ number: Int, _ text: String, _ output: Output) {
        let wrapped = Table.wrap(text, to: (output.width ?? 80) - 6)
        output.line("\(output.style.green("ok")) \(number)  " + (wrapped.first ?? ""))
        for line in wrapped.dropFirst() { output.line("      " + line) }
    }

    private static func totals(_ stage: Stage) async throws -> [(String, Int)] {
        var decisions: [JSONValue] = []
        for asset in [Stage.sales, Stage.inventory] {
            decisions += try await stage.ask("why", asset, "--limit", "1000")["decisions"]?.list ?? []
        }
        let avoided = decisions.count { ["skip", "hold"].contains($0["outcome"]?.text) }
        let runs = try await stage.ask("runs", "--status", "succeeded", "--limit", "1000")["runs"]?.list ?? []
        let done = runs.reduce(0) { $0 + ($1["assets"]?.list?.count ?? 0) }
        return [
            ("decisions", decisions.count), ("refreshes done", done), ("refreshes avoided", avoided),
            ("POSTs in the ledger", try await stage.emulator.posts().count),
        ]
    }
}
