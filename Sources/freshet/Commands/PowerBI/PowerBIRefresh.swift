import ArgumentParser
import FreshetCore
import FreshetKit

struct PowerBIRefresh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Ask for a refresh of an asset, like 'freshet run'.",
        usage: "freshet powerbi refresh <asset> [--force] [options]"
    )

    @Argument(help: "The asset's key.")
    var asset: String

    @Flag(name: .long, help: "Refresh even if nothing it reads has changed.")
    var force = false

    @Flag(name: .long, help: "Return when the daemon has taken the request.")
    var noWait = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let project = try options.loadProject()
        let spec = try project.asset(asset)
        guard spec.isMaterialized else { throw Failure.nothingSelected(asset) }
        let request = RunRequest(
            targets: [spec.key],
            isForced: force,
            key: "manual:" + Identifier.timeOrdered(at: Wiring.clock.now, chance: Wiring.chance),
            waits: !noWait,
            options: options
        )
        try await RunReport.perform(request, in: project)
    }
}

struct PowerBICancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Ask the run that works on an asset to stop, and its refresh with it.",
        usage: "freshet powerbi cancel <asset> [options]"
    )

    @Argument(help: "The asset's key.")
    var asset: String

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let reading = try await Reading.open(options)
        let key = try reading.project.asset(asset).key
        let query = RunQuery(asset: key, limit: 20)
        let runs = try await reading.ask { () throws(StoreError) in try await reading.store.runs(query) }
        await reading.store.close()
        guard let run = runs.first(where: { !$0.status.isFinished }) else {
            throw Failure.notNow("no run of Freshet works on \(key) now")
        }
        let client = try DaemonClient(store: reading.project.store)
        _ = try await client.post("runs/\(run.id)/cancel", [:])
        if options.json {
            reading.output.document("freshet.cancel/1", ["run": .text(run.id)])
        } else {
            reading.output.line("asked run \(run.id) to stop")
        }
    }
}
