/// A service of reports that knows which model stands behind which report.
///
/// Sources of definitions ask it to link what they read of reports to the assets that refresh their models.
public protocol ReportDirectory: Connection {
    /// The model that a report shows.
    ///
    /// - Parameters:
    ///   - report: its id.
    ///   - workspace: the id of the workspace that it is in.
    /// - Returns: `nil` when there is no such report.
    /// - Throws: any error of the service.
    func model(ofReport report: String, in workspace: String) async throws -> ReportModel?

    /// A model by its id; `nil` when there is none.
    ///
    /// - Throws: any error of the service.
    func model(_ model: String, in workspace: String) async throws -> ReportModel?
}

/// A model under every name that a definition may call it by: its id and its name.
public struct ReportModel: Hashable, Sendable {
    public var models: [String]
    public var workspaces: [String]

    public init(models: [String], workspaces: [String]) {
        self.models = models
        self.workspaces = workspaces
    }
}
