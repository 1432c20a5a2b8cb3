internal import FreshetEntra
package import FreshetKit

extension PowerBIConnection: ReportDirectory {
    package func model(ofReport report: String, in workspace: String) async throws -> ReportModel? {
        let path = "groups/\(FormEncoding.encode(workspace))/reports/\(FormEncoding.encode(report))"
        guard let wire = try await read(path), let model = wire.text("datasetId") else { return nil }
        // A report may show a model of another workspace.
        let home = wire.text("datasetWorkspaceId") ?? workspace
        return try await self.model(model, in: home) ?? ReportModel(models: [model], workspaces: [home])
    }

    package func model(_ model: String, in workspace: String) async throws -> ReportModel? {
        let path = "groups/\(FormEncoding.encode(workspace))/datasets/\(FormEncoding.encode(model))"
        guard let wire = try await read(path) else { return nil }
        let name = await directory.nameOfWorkspace(workspace)
        return ReportModel(
            models: [model, wire.text("name")].compactMap { $0 },
            workspaces: [workspace, name].compactMap { $0 }
        )
    }

    /// - Returns: `nil` when there is nothing, or nothing that this application may see.
    private func read(_ path: String) async throws(LookupError) -> WireObject? {
        let reply = await client.call("GET", path) { WireObject(parsing: $0.body) }
        switch reply.result {
        case .answer(let wire): return wire
        case .refusal(let refusal) where refusal.reason == .notFound: return nil
        case .refusal(let refusal): throw .refused(refusal)
        case .silence(let silence): throw .unanswered(silence, retryAfter: reply.retryAfter)
        }
    }
}
