import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetPowerBI
import FreshetView

struct PowerBIModels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List semantic models, and which asset refreshes each.",
        usage: "freshet powerbi models [--workspace <workspace>] [options]"
    )

    @Option(name: .long, help: ArgumentHelp("The workspace's name or id; all of them otherwise.", valueName: "name"))
    var workspace: String?

    @Option(name: .long, help: ArgumentHelp("The connection, where there are several.", valueName: "name"))
    var connection: String?

    @OptionGroup var options: ProjectOptions

    private struct Row {
        var workspace: String
        var model: ServiceReading.Model
        var assets: [AssetKey]
    }

    func run() async throws {
        let session = try ServiceSession.open(options, connection: connection)
        let rows = try await rows(session)
        let output = session.output
        if options.json {
            let documents: [JSONValue] = rows.map { row in
                [
                    "workspace": .text(row.workspace), "id": .text(row.model.id), "name": .text(row.model.name),
                    "configured_by": Documents.text(row.model.configuredBy),
                    "is_refreshable": row.model.isRefreshable.map { .boolean($0) } ?? .null,
                    "target_storage_mode": Documents.text(row.model.storageMode),
                    "assets": Documents.keys(row.assets),
                ]
            }
            return output.document("freshet.powerbi_models/1", ["models": .list(documents)])
        }
        guard !rows.isEmpty else { return output.line("the application sees no model there") }
        var table = Table(["WORKSPACE", "MODEL", "OWNER", "ASSET"])
        for row in rows {
            let assets = row.assets.map(\.path).joined(separator: ", ")
            table.add([
                Table.Cell(row.workspace), Table.Cell(row.model.name), Table.Cell(row.model.configuredBy ?? "–"),
                Table.Cell(assets.isEmpty ? "–" : assets),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }

    private func rows(_ session: ServiceSession) async throws -> [Row] {
        let all = try await session.ask { () throws(ReadingError) in try await session.reading.workspaces() }
        let wanted = workspace?.lowercased()
        let chosen = all.filter { wanted == nil || $0.name.lowercased() == wanted || $0.id.lowercased() == wanted }
        if let workspace, chosen.isEmpty {
            let names = all.map(\.name).sorted().prefix(10).joined(separator: ", ")
            let known = names.isEmpty ? "none" : names
            throw Failure.service("there is no workspace '\(workspace)' that the application may see; it sees \(known)")
        }
        var rows: [Row] = []
        for workspace in chosen.sorted(by: { $0.name < $1.name }) {
            let models = try await session.ask { () throws(ReadingError) in
                try await session.reading.models(in: workspace.id)
            }
            for model in models.sorted(by: { $0.name < $1.name }) {
                let assets = try await assets(of: model, in: workspace, session)
                rows.append(Row(workspace: workspace.name, model: model, assets: assets))
            }
        }
        return rows
    }

    private func assets(
        of model: ServiceReading.Model,
        in workspace: ServiceReading.Workspace,
        _ session: ServiceSession
    ) async throws -> [AssetKey] {
        var keys: [AssetKey] = []
        for asset in session.project.assets {
            guard case .materialized(let kind) = asset.work, let kind = kind as? SemanticModelRefresh else { continue }
            let place = try await session.resolve(kind.workspace).lowercased()
            let name = try await session.resolve(kind.model).lowercased()
            guard place == workspace.name.lowercased() || place == workspace.id.lowercased() else { continue }
            if name == model.name.lowercased() || name == model.id.lowercased() { keys.append(asset.spec.key) }
        }
        return keys
    }
}
