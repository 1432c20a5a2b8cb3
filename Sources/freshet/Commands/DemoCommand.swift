import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetServer

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Play a morning at a retailer on this machine: emulator, warehouse, daemon; ends by itself.",
        usage: "freshet demo [--listen <address>] [options]",
        discussion: """
            Runs the freshet.yaml and assets that are installed with the program, or those
            of the project that is named, in a temporary folder, in their environment
            'demo'. Ends with status 0 only if every line of the story held. With --listen
            the daemon serves its pages there; some more is played, a link to the pages is
            printed, and everything stays until Ctrl-C.
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp("Stay afterwards, with the pages at such as 127.0.0.1:8640.", valueName: "address")
    )
    var listen: String?

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        guard let listen, ListenAddress(listen) == nil else { return }
        throw ValidationError("--listen '\(listen)' is not an address; write 127.0.0.1:8640 or [::1]:8640")
    }

    func run() async throws {
        let (project, output, address, isJSON) = (try folder(), options.output, listen, options.json)
        let isInterrupted = try await Interruption.ending {
            let stage: Stage
            do { stage = try await Stage.set(project: project, listeningAt: address) } catch {
                throw Failure.other("\(error)")
            }
            let performance = Performance(stage: stage, output: output, isJSON: isJSON)
            do {
                try await address == nil ? performance.play() : performance.playAndStay()
                await stage.strike(keeping: false)
            } catch {
                await stage.strike(keeping: !Task.isCancelled)
                guard !Task.isCancelled else { return }
                output.note("error: scene \(performance.lines.count + 1): \(error)")
                output.note("  the daemon's log is \(stage.folder)/daemon.log")
                throw ExitStatus.runFailed
            }
        }
        // Ctrl-C is how a morning ends for those who stay.
        if isInterrupted, address == nil { throw ExitStatus.interrupted }
    }

    /// A project that `--project` names, else the one that is installed; in the source tree, where none is, the nearest.
    private func folder() throws -> String {
        let installed = options.project == nil ? Installation.folder("demo", with: "freshet.yaml") : nil
        return try installed ?? options.folder()
    }
}
