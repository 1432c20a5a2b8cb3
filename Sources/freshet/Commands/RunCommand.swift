import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetView

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Refresh exactly what a selection names, as far as it is stale.",
        usage: "freshet run <selection> [--force] [options]",
        discussion: """
            Looks at the inputs first. Asks the daemon if one is up; otherwise does the work in this process.
              freshet run powerbi/retail/sales          one model, if something it reads changed
              freshet run 'tag:finance' --force         all of them, changed or not
            """,
        aliases: ["refresh"]
    )

    @Argument(help: "A selection; see docs/selection.md.")
    var selection: String

    @Flag(name: .long, help: "Refresh even what is up to date or not chosen by a branch.")
    var force = false

    @Flag(name: .long, help: "Return when the daemon has taken the request.")
    var noWait = false

    @Option(name: .long, help: ArgumentHelp("Wait no longer than this, such as 10m.", valueName: "duration"))
    var timeout: String?

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        if let timeout, Duration(parsing: timeout) == nil {
            throw ValidationError("--timeout '\(timeout)' is not a duration; write 30s, 10m or 2h")
        }
    }

    func run() async throws {
        let project = try options.loadProject()
        let targets = try project.select(selection).filter(\.isMaterialized).map(\.key)
        guard !targets.isEmpty else { throw Failure.nothingSelected(selection) }
        let request = RunRequest(
            targets: targets,
            isForced: force,
            key: "manual:" + Identifier.timeOrdered(at: Wiring.clock.now, chance: Wiring.chance),
            waits: !noWait,
            timeout: timeout.flatMap { Duration(parsing: $0) },
            options: options
        )
        try await RunReport.perform(request, in: project)
    }
}

/// How the end of a run is told.
enum RunReport {
    /// - Throws: ``Failure``; ``ExitStatus/interrupted`` when a signal ended the waiting.
    static func perform(_ request: RunRequest, in project: Project) async throws {
        let isInterrupted = try await Interruption.ending {
            try finish(try await request.perform(in: project), request.options)
        }
        guard isInterrupted else { return }
        request.options.output.note("interrupted; what was asked of Power BI goes on")
        request.options.output.note("'freshet runs' shows the run; the next 'freshet up' or 'run' takes it up again")
        throw ExitStatus.interrupted
    }

    /// - Throws: ``ExitStatus/runFailed`` unless the run succeeded or goes on.
    static func finish(_ detail: RunDetail?, _ options: ProjectOptions) throws {
        let output = options.output
        guard let detail else {
            if options.json {
                output.document("freshet.run/1", ["run": .null])
            } else {
                output.line("asked for; 'freshet runs' shows it when it has begun")
            }
            return
        }
        if options.json {
            output.document("freshet.run/1", ["run": Documents.run(detail)])
        } else {
            RunText.write(detail, to: output, now: Wiring.clock.now)
        }
        if detail.run.status == .failed || detail.run.status == .cancelled { throw ExitStatus.runFailed }
        // The run did not fail, but whoever waits for fresh data did not get it.
        let held = detail.steps.filter { $0.status == .skipped && $0.skipReason?.isHeld == true }
        guard held.isEmpty else {
            output.note("\(output.errorStyle.red("held")): \(held.map(\.asset.path).joined(separator: ", "))")
            throw ExitStatus.runFailed
        }
    }
}
