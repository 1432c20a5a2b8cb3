import ArgumentParser
import FreshetCore
import FreshetKit

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
            return output.document("freshet.assets/1", ["assets": .list(assets.map { Self.document($0, project) })])
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

    static func document(_ asset: AssetSpec, _ project: Project) -> JSONValue {
        [
            "asset": .text(asset.key.path), "kind": .text(asset.labels.kind), "role": .text(asset.roleName),
            "deps": Documents.keys(asset.upstreams), "group": Documents.text(asset.labels.group),
            "owners": .list(asset.labels.owners.map { .text($0) }),
            "tags": .object(asset.labels.tags.mapValues { .text($0) }),
            "description": Documents.text(asset.labels.description), "code_version": .text(asset.codeVersion),
            "parts": .object(asset.parts.mapValues(Documents.keys)),
        ]
    }
}

extension AssetSpec {
    var roleName: String {
        switch role {
        case .observed: "observed"
        case .materialized: "materialized"
        case .branch: "branch"
        }
    }
}
