import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetPowerBI
import FreshetView

struct PowerBIWorkspaces: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workspaces",
        abstract: "List the workspaces that the application may see.",
        usage: "freshet powerbi workspaces [options]"
    )

    @Option(name: .long, help: ArgumentHelp("The connection, where there are several.", valueName: "name"))
    var connection: String?

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let session = try ServiceSession.open(options, connection: connection)
        let workspaces = try await session.ask { () throws(ReadingError) in try await session.reading.workspaces() }
        let output = session.output
        if options.json {
            let documents: [JSONValue] = workspaces.map { workspace in
                [
                    "id": .text(workspace.id), "name": .text(workspace.name),
                    "on_dedicated_capacity": workspace.isOnDedicatedCapacity.map { .boolean($0) } ?? .null,
                    "capacity_id": Documents.text(workspace.capacityID), "read_only": .boolean(workspace.isReadOnly),
                ]
            }
            return output.document("freshet.powerbi_workspaces/1", ["workspaces": .list(documents)])
        }
        guard !workspaces.isEmpty else {
            return output.line("the application sees no workspace; give it the role Contributor in one")
        }
        var table = Table(["NAME", "CAPACITY", "ACCESS", "ID"])
        for workspace in workspaces.sorted(by: { $0.name < $1.name }) {
            let capacity = workspace.isOnDedicatedCapacity.map { $0 ? "dedicated" : "shared" } ?? "–"
            table.add([
                Table.Cell(workspace.name), Table.Cell(capacity),
                Table.Cell(workspace.isReadOnly ? "read only" : "write"), Table.Cell(workspace.id),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }
}
