import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetView

struct LineageCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable { case tree, table, json, dot, mermaid }

    static let configuration = CommandConfiguration(
        commandName: "lineage",
        abstract: "Show what feeds what.",
        usage: "freshet lineage [<selection>] [--why] [options]",
        discussion: """
              freshet lineage '+key:"powerbi/retail/sales"' --why    everything that feeds a model, and its state
              freshet lineage --format mermaid                       a graph for a README
            """
    )

    @Argument(help: "A selection; see docs/selection.md.")
    var selection: String?

    @Option(name: .long, help: "tree, table, json, dot or mermaid.")
    var format: Format = .tree

    @Flag(name: .long, help: "Show with each asset how it stands, and why.")
    var why = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        let project = try options.loadProject()
        let chosen = try project.select(selection)
        let states = why ? try await Self.states(options) : [:]
        let text = LineageText(
            graph: project.graph,
            chosen: chosen,
            states: states,
            style: output.style,
            width: output.width
        )
        switch options.json ? .json : format {
        case .tree: for line in text.tree() { output.line(line) }
        case .table: for line in text.table().lines(width: output.width, style: output.style) { output.line(line) }
        case .json: output.document("freshet.lineage/1", text.document())
        case .dot: for line in text.dot() { output.line(line) }
        case .mermaid: for line in text.mermaid() { output.line(line) }
        }
    }

    /// How each asset stands, in a few words.
    private static func states(_ options: ProjectOptions) async throws -> [AssetKey: LineageText.State] {
        let reading = try await Reading.open(options)
        let snapshot = try await reading.snapshot()
        await reading.store.close()
        let status = ProjectStatus(reading.project, snapshot, at: reading.now, zone: ZoneFiles.rules)
        let statuses = Dictionary(status.assets.map { ($0.asset.key, $0) }) { first, _ in first }
        var states: [AssetKey: LineageText.State] = [:]
        for asset in reading.project.graph.ordered where !asset.isBranch {
            let seen = snapshot.observations[asset.key]
            let standing = Standing(asset, statuses[asset.key], seen?.observation)
            let times = seen.map { "; moved \(reading.ago($0.changedAt)), looked at \(reading.ago($0.verifiedAt))" }
            states[asset.key] = LineageText.State(word: standing.word, sentence: standing.sentence + (times ?? ""))
        }
        return states
    }
}
