import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetView

struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List runs; show, cancel or retry one.",
        subcommands: [RunsList.self, RunsShow.self, RunsCancel.self, RunsRetry.self],
        defaultSubcommand: RunsList.self
    )
}

struct RunsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List runs, the newest first.",
        usage: "freshet runs [options]"
    )

    enum Status: String, ExpressibleByArgument, CaseIterable { case queued, running, succeeded, failed, cancelled }

    @Option(name: .long, help: ArgumentHelp("Only runs over this asset.", valueName: "key"))
    var asset: String?

    @Option(name: .long, help: "Only runs that are queued, running, succeeded, failed or cancelled.")
    var status: Status?

    @Option(name: .shortAndLong, help: "How many.")
    var limit = 20

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit has to be 1 or more") }
    }

    func run() async throws {
        let reading = try await Reading.open(options)
        let key = try asset.map { try reading.project.asset($0).key }
        let query = RunQuery(asset: key, status: status.flatMap { RunStatus(rawValue: $0.rawValue) }, limit: limit)
        let runs = try await reading.ask { () throws(StoreError) in try await reading.store.runs(query) }
        let pending = try await reading.snapshot().pendingTriggers
        await reading.store.close()
        let output = reading.output
        if options.json {
            return output.document(
                "freshet.runs/1",
                [
                    "runs": .list(runs.map { .object(Documents.run($0)) }),
                    "waiting": .list(pending.map(Documents.trigger)),
                ]
            )
        }
        for trigger in pending { output.line(Self.waiting(trigger, reading)) }
        guard !runs.isEmpty else { return output.line("no runs yet") }
        var table = Table(["RUN", "STATUS", "BEGAN", "TOOK", "TRIGGER", "ASSETS"])
        for run in runs {
            table.add([
                Table.Cell(run.id), Table.Cell(run.status.rawValue, RunText.paint(run.status, output.style)),
                Table.Cell(reading.ago(run.createdAt)),
                Table.Cell(((run.endedAt ?? reading.now) - run.createdAt).briefly),
                Table.Cell(run.trigger.rawValue), Table.Cell(run.selected.map(\.path).joined(separator: ", ")),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }

    /// What has been asked for and has not begun.
    private static func waiting(_ trigger: TriggerRecord, _ reading: Reading) -> String {
        let wait = trigger.dueAt > reading.now ? "due in \((trigger.dueAt - reading.now).briefly)" : "due"
        let delay = trigger.delay.map { " (\($0))" } ?? ""
        let targets = trigger.targets.map(\.path).joined(separator: ", ")
        return "waiting: \(targets), asked for by \(trigger.actor) \(reading.ago(trigger.createdAt)), \(wait)\(delay)"
    }
}

struct RunsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a run: its steps, causes, failures and remote operations.",
        usage: "freshet runs show <id> [options]"
    )

    @Argument(help: "The run's id, or 'latest'.")
    var id: String

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let reading = try await Reading.open(options)
        let detail = try await reading.run(id)
        await reading.store.close()
        if options.json {
            reading.output.document("freshet.run/1", ["run": Documents.run(detail)])
        } else {
            RunText.write(detail, to: reading.output, now: reading.now)
        }
    }
}

struct RunsCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Ask a run to stop; its refresh in Power BI is cancelled where that is possible.",
        usage: "freshet runs cancel <id> [options]"
    )

    @Argument(help: "The run's id, or 'latest'.")
    var id: String

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let reading = try await Reading.open(options)
        let detail = try await reading.run(id)
        await reading.store.close()
        guard !detail.run.status.isFinished else {
            throw Failure.notNow("run \(detail.run.id) has ended already: \(detail.run.status.rawValue)")
        }
        let client = try DaemonClient(store: reading.project.store)
        _ = try await client.post("runs/\(detail.run.id)/cancel", [:])
        if options.json {
            reading.output.document("freshet.cancel/1", ["run": .text(detail.run.id)])
        } else {
            reading.output.line("asked run \(detail.run.id) to stop")
        }
    }
}

struct RunsRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Do again what failed, was held or was cancelled in a run.",
        usage: "freshet runs retry <id> [options]"
    )

    @Argument(help: "The run's id, or 'latest'.")
    var id: String

    @Flag(name: .long, help: "Return when the daemon has taken the request.")
    var noWait = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let reading = try await Reading.open(options)
        let detail = try await reading.run(id)
        await reading.store.close()
        guard detail.run.status.isFinished else { throw Failure.notNow("run \(detail.run.id) is still in progress") }
        let targets = detail.steps.filter(Self.isUndone).map(\.asset)
        guard !targets.isEmpty else { throw Failure.notNow("nothing failed in run \(detail.run.id)") }
        let request = RunRequest(
            targets: targets,
            kind: .retry,
            // What was forced is forced again: otherwise there may be nothing to do.
            isForced: Set(targets).isSubset(of: detail.run.forced),
            key: "retry:\(detail.run.id):" + Identifier.timeOrdered(at: Wiring.clock.now, chance: Wiring.chance),
            waits: !noWait,
            options: options
        )
        try await RunReport.perform(request, in: reading.project)
    }

    private static func isUndone(_ step: StepRecord) -> Bool {
        switch step.status {
        case .failed, .cancelled: true
        case .skipped: step.skipReason.map { $0.isHeld || $0 == .cancelled } ?? false
        case .waiting, .queued, .running, .retrying, .succeeded: false
        }
    }
}

extension Reading {
    /// - Throws: ``Failure/unknownRun(_:)``.
    func run(_ name: String) async throws -> RunDetail {
        var id = name
        if name == "latest" {
            let newest = try await ask { () throws(StoreError) in try await store.runs(RunQuery(limit: 1)) }
            guard let first = newest.first else { throw Failure.unknownRun(name) }
            id = first.id
        }
        let wanted = id
        guard let detail = try await ask({ () throws(StoreError) in try await store.run(wanted) }) else {
            throw Failure.unknownRun(name)
        }
        return detail
    }
}
