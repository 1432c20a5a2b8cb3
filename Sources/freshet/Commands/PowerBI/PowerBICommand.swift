import ArgumentParser

struct PowerBICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "powerbi",
        abstract: "Look at Power BI as Freshet sees it; ask for a refresh, or end one.",
        discussion: """
            Words of the service are shown as they are.
              freshet powerbi models --workspace Retail     what the application may see
              freshet powerbi history powerbi/retail/sales  every refresh, and who asked for it
              freshet powerbi schedule powerbi/retail/sales whether its own schedule is still on
            """,
        subcommands: [
            PowerBIWorkspaces.self, PowerBIModels.self, PowerBIHistory.self, PowerBISchedule.self, PowerBIRefresh.self,
            PowerBICancel.self,
        ]
    )
}
