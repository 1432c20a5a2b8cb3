import ArgumentParser
import FreshetEmulator
import FreshetKit

struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulator",
        abstract: "Run a local Power BI, Entra, Databricks and S3, for trials and tests.",
        usage: "freshet emulator [options]",
        discussion: """
            When it is ready it prints one line of JSON with its addresses, ids and credentials. It listens on 127.0.0.1 and
            keeps its state in memory, or with --state in a file. Faults, durations and the ledger of requests are under
            /_emulator; --script begins with some. With --speed 60, a refresh of an hour takes a minute. With --tls the line
            also names https_url, and ca_file: the authority that clients have to trust for it.
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

    @Flag(name: .long, help: "Listen for HTTPS on a second, free port too.")
    var tls = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the authority behind --tls is kept; without it, it ends with the program.",
            valueName: "dir"
        )
    )
    var tlsDirectory: String?

    @Option(name: .long, help: ArgumentHelp("Begin with the faults of a YAML or JSON file.", valueName: "file"))
    var script: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Keep the state in a file, and go on with it; a script then counts at the first start only.",
            valueName: "file"
        )
    )
    var state: String?

    @Option(name: .long, help: ArgumentHelp("How many requests the ledger keeps.", valueName: "count"))
    var ledgerLimit = 10_000

    @Option(name: .long, help: "Besides the models of Retail, so many of a workspace Bulk: M0, M1 and so on.")
    var models = 0

    func validate() throws {
        guard tls || tlsDirectory == nil else { throw ValidationError("--tls-directory goes with --tls") }
        guard (0...65535).contains(port) else { throw ValidationError("--port has to be 0 to 65535") }
        guard refreshDuration >= 0, tokenLifetime > 0, speed > 0 else {
            throw ValidationError("durations and --speed have to be positive")
        }
        guard ledgerLimit > 0 else { throw ValidationError("--ledger-limit has to be positive") }
    }

    func run() async throws {
        var emulator = EmulatorOptions()
        emulator.port = port
        emulator.refreshDuration = refreshDuration
        emulator.tokenLifetime = tokenLifetime
        emulator.speed = speed
        if tls { emulator.tls = EmulatorOptions.TLS(directory: tlsDirectory) }
        emulator.script = script
        emulator.state = state
        emulator.ledgerLimit = ledgerLimit
        if models > 0 { emulator.seed.workspaces.append(.bulk(models)) }
        let options = emulator
        do {
            // A signal is how it is meant to end.
            _ = try await Interruption.ending {
                try await Emulator.run(options) { Output.write($0.line + "\n", to: 1) }
            }
        } catch let error as EmulatorFileError {
            throw Failure.file(path: error.place, reason: error.message)
        }
    }
}
