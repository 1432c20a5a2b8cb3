/// Lists that the checks of several models share, each read once: the service counts every call.
struct ServiceLists {
    let reading: ServiceReading
    private var allWorkspaces: [ServiceReading.Workspace]?
    private var modelsByWorkspace: [String: [ServiceReading.Model]] = [:]

    init(reading: ServiceReading) { self.reading = reading }

    mutating func workspaces() async throws(ReadingError) -> [ServiceReading.Workspace] {
        if let allWorkspaces { return allWorkspaces }
        let found = try await reading.workspaces()
        allWorkspaces = found
        return found
    }

    /// Of a workspace, named by name or id.
    mutating func models(in workspace: String) async throws(ReadingError) -> [ServiceReading.Model] {
        let name = workspace.lowercased()
        if let found = modelsByWorkspace[name] { return found }
        let found = try await reading.models(in: workspace)
        modelsByWorkspace[name] = found
        return found
    }
}
