import ArgumentParser
import FreshetCore
import FreshetDefinitions
import FreshetKit
import FreshetView

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show what the project's files come to.",
        subcommands: [ConfigShow.self]
    )
}

struct ConfigShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show effective settings; secrets stay references.",
        usage: "freshet config show <asset> [--origin] [options]"
    )

    @Argument(help: "An asset's key, connections.<name> or secrets.<name>.")
    var asset: String

    @Flag(name: .long, help: "Name the file, line and layer of each value.")
    var origin = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        let project = try options.loadProject()
        let (name, rows) = try Self.listing(of: asset, in: project)
        if options.json {
            let settings: [JSONValue] = rows.map { row in
                [
                    "path": .text(row.path), "value": .text(row.value), "layer": .text(row.layer),
                    "file": Documents.text(row.origin?.file),
                    "line": row.origin.map { .integer(Int64($0.line)) } ?? .null,
                    "column": row.origin.map { .integer(Int64($0.column)) } ?? .null,
                ]
            }
            return output.document("freshet.config/1", ["asset": .text(name), "settings": .list(settings)])
        }
        var table = Table(origin ? ["SETTING", "VALUE", "LAYER", "FROM"] : ["SETTING", "VALUE"])
        for row in rows {
            var cells = [Table.Cell(row.path), Table.Cell(row.value)]
            if origin {
                cells.append(Table.Cell(row.layer))
                cells.append(Table.Cell(row.origin.map { "\($0.file):\($0.line)" } ?? "–"))
            }
            table.add(cells)
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }

    /// An asset comes before a connection or a backend of the same name.
    private static func listing(of name: String, in project: Project) throws -> (String, [ConfigListing.Row]) {
        if let definition = project.assets.first(where: { $0.spec.key.path == name }) {
            return (name, ConfigListing(definition, catalog: try Wiring.catalog(of: project.root)).rows)
        }
        if let found = project.connections.first(where: { "connections." + $0.name == name }) {
            return (name, ConfigListing(found).rows)
        }
        if let found = project.secretBackends.first(where: { "secrets." + $0.name == name }) {
            return (name, ConfigListing(found).rows)
        }
        let key = try project.asset(name).key
        guard let definition = project.assets.first(where: { $0.spec.key == key }) else {
            throw Failure.unknownAsset(name, nearest: nil)
        }
        return (key.path, ConfigListing(definition, catalog: try Wiring.catalog(of: project.root)).rows)
    }
}
