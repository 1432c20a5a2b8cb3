import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetView

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Begin no more runs of an asset, or of anything, until 'resume'; what runs goes on.",
        usage: "freshet pause [<asset>] [options]"
    )

    @Argument(help: "The asset's key; everything otherwise.")
    var asset: String?

    @OptionGroup var options: ProjectOptions

    func run() async throws { try await Pausing(asset: asset, isPaused: true, options: options).perform() }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Undo 'pause'.",
        usage: "freshet resume [<asset>] [options]"
    )

    @Argument(help: "The asset's key; everything otherwise.")
    var asset: String?

    @OptionGroup var options: ProjectOptions

    func run() async throws { try await Pausing(asset: asset, isPaused: false, options: options).perform() }
}

/// Pauses or resumes through the daemon; without one, in the store itself.
private struct Pausing {
    var asset: String?
    var isPaused: Bool
    var options: ProjectOptions

    func perform() async throws {
        let project = try options.loadProject()
        let key = try asset.map { try project.asset($0).key }
        if let key, project.graph[key]?.isMaterialized != true {
            throw Failure.nothingSelected(key.path)
        }
        let client = try DaemonClient(store: project.store)
        if await client.isRunning() {
            var body: [String: JSONValue] = ["paused": .boolean(isPaused)]
            if let key { body["asset"] = .text(key.path) }
            _ = try await client.post("pauses", .object(body))
        } else {
            let store = try await Wiring.openWriter(project.store)
            do throws(StoreError) {
                let now = Wiring.clock.now
                let epoch = try await store.claim(owner: "pause", at: now)
                try await store.setPaused(isPaused, key, at: now, by: Writer(epoch: epoch, actor: Wiring.actor))
                await store.close()
            } catch {
                throw Failure.store(error, path: project.store)
            }
        }
        let name = key?.path ?? "everything"
        if options.json {
            let members: [String: JSONValue] = ["asset": Documents.text(key?.path), "paused": .boolean(isPaused)]
            options.output.document("freshet.pause/1", members)
        } else {
            options.output.line("\(name) is \(isPaused ? "paused" : "resumed")")
        }
    }
}
