import FreshetCore
import FreshetKit

/// Plays the story, and tells it as it goes.
final class Performance {
    /// The scenes that held so far.
    private(set) var lines: [(scene: Int, text: String)] = []
    private let stage: Stage
    private let output: Output
    private let isJSON: Bool

    init(stage: Stage, output: Output, isJSON: Bool) {
        self.stage = stage
        self.output = output
        self.isJSON = isJSON
    }

    /// - Throws: ``DemoFailure`` for the first line that did not hold.
    func play() async throws {
        let began = Wiring.clock.now
        try await story.play()
        let totals = try await totals()
        if isJSON { return output.document("freshet.demo/1", members(totals)) }
        tell(totals)
        output.line("Every line held, in \((Wiring.clock.now - began).briefly).")
    }

    /// Plays more, says where the pages are, and stays until it is cancelled.
    func playAndStay() async throws {
        let story = story
        try await story.play()
        try await story.playOn()
        let totals = try await totals()
        guard let link = try await stage.ask("ui")["url"]?.text else {
            throw DemoFailure("there is no link to the pages")
        }
        let environment = try stage.writeEnvironment()
        if isJSON {
            let more: [String: JSONValue] = [
                "url": .text(link), "folder": .text(stage.folder), "environment": .text(environment),
                "control_url": .text(stage.emulator.control),
            ]
            output.document("freshet.demo/1", members(totals).merging(more) { $1 })
        } else {
            tell(totals)
            output.line("The pages, signed in once within five minutes:")
            output.line("  " + output.style.bold(link))
            output.line("The same from another terminal:")
            output.line("  . \(environment)")
            output.line("  freshet status; freshet why \(Stage.sales); freshet ui")
            output.line("Ctrl-C ends it, and takes \(stage.folder) away.")
        }
        while true { try await Wiring.clock.sleep(for: .seconds(3600)) }
    }

    private var story: Story {
        Story(stage: stage) { [self] scene, text in
            lines.append((scene, text))
            guard !isJSON else { return }
            let wrapped = Table.wrap(text, to: (output.width ?? 80) - 6)
            let number = String(scene).count < 2 ? " \(scene)" : "\(scene)"
            output.line("\(output.style.green("ok")) \(number) " + (wrapped.first ?? ""))
            for line in wrapped.dropFirst() { output.line("      " + line) }
        }
    }

    private func members(_ totals: [(String, Int)]) -> [String: JSONValue] {
        let scenes: [JSONValue] = lines.map { ["scene": .integer(Int64($0.scene)), "text": .text($0.text)] }
        let counts = totals.map { ($0.0.replacing(" ", with: "_"), JSONValue.integer(Int64($0.1))) }
        return ["scenes": .list(scenes), "totals": .object(Dictionary(uniqueKeysWithValues: counts))]
    }

    private func tell(_ totals: [(String, Int)]) {
        output.line()
        var table = Table()
        for (name, count) in totals { table.add([Table.Cell(name), Table.Cell(String(count))]) }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
        output.line()
    }

    private func totals() async throws -> [(String, Int)] {
        var decisions: [JSONValue] = []
        for asset in try await stage.ask("status")["assets"]?.list ?? [] {
            let answer = try await stage.ask("why", asset["asset"]?.text ?? "", "--limit", "1000")
            decisions += answer["decisions"]?.list ?? []
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
