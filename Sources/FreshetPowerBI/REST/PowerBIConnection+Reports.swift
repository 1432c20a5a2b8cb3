internal import FreshetCore
internal import FreshetEntra
package import FreshetKit

extension PowerBIConnection: ReportDirectory {
    package func model(ofReport report: String, in workspace: String) async throws -> ReportModel? {
        let path = "groups/\(FormEncoding.encode(workspace))/reports/\(FormEncoding.encode(report))"
        guard let entry = try await read(path), let model = entry.model else { return nil }
        // A report may show a model of another workspace.
        let home = entry.workspace ?? workspace
        return try await self.model(model, in: home) ?? ReportModel(models: [model], workspaces: [home])
    }

    package func model(_ model: String, in workspace: String) async throws -> ReportModel? {
        let path = "groups/\(FormEncoding.encode(workspace))/datasets/\(FormEncoding.encode(model))"
        guard let entry = try await read(path) else { return nil }
        let name = await directory.nameOfWorkspace(workspace)
        return ReportModel(
            models: [model, entry.name].compactMap { $0 },
            workspaces: [workspace, name].compactMap { $0 }
        )
    }

    /// What is read of a report or a model.
    private struct Entry: Hashable, Sendable {
        var name: String?
        /// Of a report: the id of its model.
        var model: String?
        /// Of a report: the id of its model's workspace.
        var workspace: String?
    }

    /// - Returns: `nil` when there is nothing, or nothing that this application may see.
    private func read(_ path: String) async throws(LookupError) -> Entry? {
        let reply: RemoteReply<Entry> = await client.call("GET", path) { response in
            WireObject(parsing: response.body).map { wire in
                Entry(
                    name: wire.text("name"),
                    model: wire.text("datasetId"),
                    workspace: wire.text("datasetWorkspaceId")
                )
            }
        }
        switch reply.result {
        case .answer(let entry): return entry
        case .refusal(let refusal) where refusal.reason == .notFound: return nil
        case .refusal(let refusal): throw .refused(refusal)
        case .silence(let silence): throw .unanswered(silence, retryAfter: reply.retryAfter)
        }
    }
}
