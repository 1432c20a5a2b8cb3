import FreshetCore
package import FreshetKit

/// Runs dbt, and follows it live: every node and test is a sub-step, every test a check.
///
/// The nodes that it builds are observed by the source `dbt`, which reads what dbt leaves behind.
package struct DBTRun: AssetKind {
    package static let name = "dbt.run"
    package static let summary =
        "A run of dbt: build, run, seed, snapshot or test, of the whole project or of a selection."
    package static let fields: [Field] = [
        Field("connection", .connection([DBTInstallation.name]), required: true, "The project and the program."),
        Field("command", .choice(commands), default: "build", "What dbt is to do."),
        Field("select", .oneOrMore(.text), default: "[]", "The nodes, in dbt's own words; all where it is not stated."),
        Field("exclude", .oneOrMore(.text), default: "[]", "The nodes to leave out, likewise."),
        Field("selector", .text, "A selector of the project's selectors.yml."),
        Field("vars", .map(.anyOf([.boolean, .number(-1e15...1e15), .text])), "Variables of the project."),
        Field("full_refresh", .boolean, default: "false", "Whether incremental models are built anew."),
        Field("threads", .integer(1...1000), altersWork: false, "How many nodes dbt works on side by side."),
    ]
    package static let examples = [
        """
        key: build/retail
        kind: dbt.run
        connection: retail_dbt
        deps: [lake/orders]
        automation: {on: change}
        """,
        """
        key: build/marts
        kind: dbt.run
        connection: retail_dbt
        command: run
        select: [tag:marts, +fct_sales]
        exclude: stg_events
        vars: {price_scale: 100}
        threads: 8
        timeout: 2h
        retry: {count: 1, delay: 5m}
        """,
    ]

    private static let commands = ["build", "run", "seed", "snapshot", "test"]

    let connection: String
    let arguments: DBTArguments

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        arguments = DBTArguments(
            command: try settings.text("command") ?? "build",
            select: try settings.texts("select"),
            exclude: try settings.texts("exclude"),
            selector: try settings.text("selector"),
            vars: settings.value["vars"].map(JSONValue.init),
            isFullRefresh: try settings.boolean("full_refresh") ?? false,
            threads: try settings.integer("threads")
        )
        for word in arguments.select + arguments.exclude where word.hasPrefix("-") {
            throw Diagnostic("'\(word)' would be an option of dbt, not a node", at: settings.origin)
        }
    }

    package func materialize(_ step: StepContext) async -> StepOutcome {
        let installation: DBTInstallation.Resolved
        do {
            installation = try await step.connections.get(connection, as: DBTInstallation.self).resolved()
        } catch {
            let message = step.surroundings.redactor.redact("\(error)")
            return .failed(StepFailure(.configuration, .never, message: message))
        }
        var command = ProcessCommand(
            arguments.words(installation),
            environment: installation.environment,
            workingDirectory: installation.projectDir,
            // dbt takes the queries that are at work back when it is interrupted.
            interrupts: true
        )
        command.limits.grace = .seconds(30)
        let turn = await DBTTurns.ofProcess.begin(installation.projectDir, stop: step.stop) {
            await step.report("waiting for another dbt in \(installation.projectDir)")
        }
        guard let turn else {
            if step.stop.reason == nil { return .left }
            let progress = DBTProgress(redactor: step.surroundings.redactor)
            let exit = ProcessExit(.signalled(2), end: .stopped)
            return DBTConclusion(progress: progress, results: nil, exit: exit, stop: step.stop.reason).outcome
        }
        defer { DBTTurns.ofProcess.end(turn) }
        return await run(command, installation.resultsFile, step)
    }

    private func run(_ command: ProcessCommand, _ resultsFile: String, _ step: StepContext) async -> StepOutcome {
        let follower = DBTFollower(step)
        await step.report("dbt \(arguments.command)")
        // What is there now is of a run that nobody kept: of somebody else's, or of one whose process was killed.
        await keep(resultsFile, of: nil, step)
        do throws(ProcessError) {
            let exit = try await step.surroundings.processes.run(command, stop: step.stop) { await follower.take($0) }
            let progress = await follower.progress
            await keep(resultsFile, of: progress.invocationID, step)
            let results = await DBTLeftBehind.read(resultsFile, of: progress.invocationID)
            if results == nil { await write(down: progress, resultsFile, exit, step) }
            // This process ends, and the program with it: the next process begins the attempt anew.
            if Task.isCancelled, step.stop.reason == nil { return .left }
            return DBTConclusion(progress: progress, results: results, exit: exit, stop: step.stop.reason).outcome
        } catch {
            await write(down: await follower.progress, resultsFile, nil, step)
            if Task.isCancelled { return .left }
            let message = step.surroundings.redactor.redact(error.description)
            switch error {
            case .cannotStart, .unavailable: return .failed(StepFailure(.configuration, .never, message: message))
            case .lost: return .failed(StepFailure(.lostRemote, .now, message: message))
            }
        }
    }
}

extension DBTRun {
    /// Keeps the results for the source, which may look only after the next run has overwritten them.
    private func keep(_ file: String, of invocation: String?, _ step: StepContext) async {
        let now = step.surroundings.clock.now
        guard let reason = await DBTLeftBehind.keep(file, of: invocation, now: now) else { return }
        await warn("no copy of \(file) could be kept: \(reason)", step)
    }

    /// dbt was killed, or wrote its results elsewhere: what the log told of the nodes is kept in their place.
    private func write(down progress: DBTProgress, _ file: String, _ exit: ProcessExit?, _ step: StepContext) async {
        if exit?.status == .exited(0), progress.summary.succeeded > 0 {
            await warn("dbt left no results of this run in \(file); state its 'target_path'", step)
        }
        let now = step.surroundings.clock.now
        let reason = await DBTLeftBehind.keep(progress, of: arguments.command, beside: file, now: now)
        if let reason { await warn("what dbt did could not be kept beside \(file): \(reason)", step) }
    }

    private func warn(_ message: String, _ step: StepContext) async {
        let message = step.surroundings.redactor.redact(message)
        await step.log(LogLine(at: step.surroundings.clock.now, level: .warning, message: message))
    }
}

/// What dbt is asked to do.
struct DBTArguments: Hashable, Sendable {
    var command: String
    var select: [String] = []
    var exclude: [String] = []
    var selector: String?
    var vars: JSONValue?
    var isFullRefresh = false
    var threads: Int?

    /// The program and its arguments.
    ///
    /// What is followed needs the level `debug`: the end of a node comes at no other.
    func words(_ installation: DBTInstallation.Resolved) -> [String] {
        var words = [
            installation.program, "--log-format", "json", "--log-level", "debug", "--no-use-colors", command,
            "--project-dir", installation.projectDir,
        ]
        if let folder = installation.profilesDir { words += ["--profiles-dir", folder] }
        if let target = installation.target { words += ["--target", target] }
        if !select.isEmpty { words += ["--select"] + select }
        if !exclude.isEmpty { words += ["--exclude"] + exclude }
        if let selector { words += ["--selector", selector] }
        if let vars { words += ["--vars", vars.serialized()] }
        if isFullRefresh { words.append("--full-refresh") }
        if let threads { words += ["--threads", String(threads)] }
        return words
    }
}

extension JSONValue {
    fileprivate init(_ value: ConfigValue) {
        self =
            switch value.content {
            case .null: .null
            case .boolean(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .text(let value): .text(value)
            case .list(let items): .list(items.map(JSONValue.init))
            case .object(let entries):
                .object(Dictionary(entries.map { ($0.key, JSONValue($0.value)) }) { _, last in last })
            }
    }
}

/// Passes on what a running dbt tells.
private actor DBTFollower {
    private(set) var progress: DBTProgress
    private let step: StepContext
    private var finished = 0

    init(_ step: StepContext) {
        self.step = step
        progress = DBTProgress(redactor: step.surroundings.redactor)
    }

    func take(_ output: ProcessOutput) async {
        let now = step.surroundings.clock.now
        switch output {
        case .line(_, let text):
            let news = progress.read(text, at: now)
            for subStep in news.subSteps {
                await step.progress(subStep)
                guard subStep.status != .running else { continue }
                finished += 1
                let total = progress.total.map { " of \($0)" } ?? ""
                await step.report("\(finished)\(total) done, last \(subStep.name)")
            }
            if let line = news.line { await step.log(line) }
        case .dropped(_, let bytes):
            await step.log(LogLine(at: now, level: .warning, message: "\(bytes) bytes of output are missing here"))
        }
    }
}
