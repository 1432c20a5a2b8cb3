import ArgumentParser
import FreshetEmulator
import FreshetKit

struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulator",
        abstract: "Run a local Power BI, Entra and S3, for trials and tests.",
        usage: "freshet emulator [options]",
        discussion: """
            When it is ready it prints one line of JSON with its addresses, ids and credentials. It listens on 127.0.0.1 and
            keeps its state in memory. Faults, durations and the ledger of requests are under /_emulator.
            """
    )

    @Option(name: .long, help: "The port; 0 takes a free one.")
    var port = 0

    @Option(name: .long, help: ArgumentHelp("How long a refresh takes.", valueName: "seconds"))
    var refreshDuration = 2.0

    @Option(name: .long, help: ArgumentHelp("How long a token lives.", valueName: "seconds"))
    var tokenLifetime = 3600.0

    @Option(name: .long, help: "How many times faster than the real one its clock runs.")
    var speed = 1.0

    @Option(name: .long, help: "Besides the models of Retail, so many of a workspace Bulk: M0, M1 and so on.")
    var models = 0

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port has to be 0 to 65535") }
        guard refreshDuration >= 0, tokenLifetime > 0, speed > 0 else {
            throw ValidationError("durations and --speed have to be positive")
        }
    }

    func run() async throws {
        var emulator = EmulatorOptions()
        emulator.port = port
        emulator.refreshDuration = refreshDuration
        emulator.tokenLifetime = tokenLifetime
        emulator.speed = speed
        if models > 0 { emulator.seed.workspaces.append(.bulk(models)) }
        let options = emulator
        // A signal is how it is meant to end.
        _ = try await Interruption.ending {
            try await Emulator.run(options) { Output.write($0.line + "\n", to: 1) }
        }
    }
}
