import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetView

struct AssetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assets",
        abstract: "List the project's assets.",
        usage: "freshet assets [<selection>] [options]"
    )

    @Argument(help: "A selection; see docs/selection.md.")
    var selection: String?

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        let project = try options.loadProject()
        let assets = try project.select(selection)
        if options.json {
            return output.document("freshet.assets/1", ["assets": .list(assets.map { Documents.asset($0) })])
        }
        var table = Table(["ASSET", "KIND", "ROLE", "GROUP"])
        for asset in assets {
            table.add([
                Table.Cell(asset.key.path), Table.Cell(asset.labels.kind), Table.Cell(asset.roleName),
                Table.Cell(asset.labels.group ?? "–"),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }
}
