internal import FreshetCore
package import FreshetKit
import Synchronization

/// What every ``ProcessLauncher`` that runs real programs has to do, shown with `/bin/sh`.
///
/// Each check returns what is wrong, in sentences; nothing when all is right.
package struct ProcessLauncherConformance: Sendable {
    private let launcher: any ProcessLauncher

    package init(_ launcher: any ProcessLauncher) { self.launcher = launcher }

    /// Every check by its name, for the arguments of a test.
    package static let checks: [(name: String, check: @Sendable (ProcessLauncherConformance) async -> [String])] = [
        ("tells lines in order and the status", { await $0.linesAndStatus() }),
        ("gives nothing but what is declared", { await $0.environment() }),
        ("hands files over by descriptor", { await $0.files() }),
        ("feeds standard input and ends it", { await $0.input() }),
        ("tells a signal from a status", { await $0.signal() }),
        ("says why a program cannot be started", { await $0.missingProgram() }),
        ("asks, then ends, a program that takes too long", { await $0.timeLimit() }),
        ("lets a stopped program clean up", { await $0.stop() }),
        ("leaves nothing that detached itself", { await $0.daemon() }),
        ("passes on no more output than allowed", { await $0.outputLimit() }),
        ("ends at once when its task is cancelled", { await $0.cancellation() }),
    ]

    /// What a shell script wrote, and how it ended.
    package struct Outcome: Sendable {
        package var exit: Result<ProcessExit, ProcessError>
        package var output: [ProcessOutput] = []

        package var lines: [String] {
            output.compactMap { if case .line(.standardOutput, let text) = $0 { text } else { nil } }
        }
        package var status: ProcessExit.Status? { try? exit.get().status }
        package var end: ProcessExit.End? { try? exit.get().end }
    }

    /// Runs a script in `/bin/sh`, whose `PATH` leads to the system's programs.
    package func shell(
        _ script: String,
        environment: [String: String] = ["PATH": "/usr/bin:/bin"],
        input: [UInt8] = [],
        files: [ProcessFile] = [],
        limits: ProcessLimits = ProcessLimits(time: .seconds(60)),
        interrupts: Bool = false,
        stop: StopSignal? = nil,
        onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async -> Outcome {
        let command = ProcessCommand(
            ["/bin/sh", "-c", script],
            environment: environment,
            input: input,
            files: files,
            limits: limits,
            interrupts: interrupts
        )
        return await run(command, stop: stop, onLine: onLine)
    }

    /// Runs a command, and collects what it writes.
    package func run(
        _ command: ProcessCommand,
        stop: StopSignal? = nil,
        onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async -> Outcome {
        let collected = Mutex<[ProcessOutput]>([])
        do throws(ProcessError) {
            let exit = try await launcher.run(command, stop: stop) { output in
                collected.withLock { $0.append(output) }
                if case .line(_, let text) = output { onLine(text) }
            }
            return Outcome(exit: .success(exit), output: collected.withLock { $0 })
        } catch {
            return Outcome(exit: .failure(error), output: collected.withLock { $0 })
        }
    }

    private func expect(_ holds: Bool, _ sentence: String, _ outcome: Outcome) -> [String] {
        holds ? [] : ["\(sentence), but: \(outcome.exit), \(outcome.output.prefix(20))"]
    }

    // MARK: Checks

    private func linesAndStatus() async -> [String] {
        let outcome = await shell("echo one; echo two >&2; printf three; exit 7")
        let expected: [ProcessOutput] = [.line(.standardOutput, "one"), .line(.standardOutput, "three")]
        let output = outcome.output.filter { if case .line(.standardOutput, _) = $0 { true } else { false } }
        return expect(output == expected, "both lines come, the last without its end", outcome)
            + expect(outcome.output.contains(.line(.standardError, "two")), "the other stream is told apart", outcome)
            + expect(outcome.status == .exited(7) && outcome.end == .itself, "the status is 7", outcome)
    }

    private func environment() async -> [String] {
        let outcome = await shell("/usr/bin/env", environment: ["ONLY": "this one"])
        // The shell adds two of its own, and the launcher may mark its processes.
        let names = outcome.lines.filter { line in
            !["PWD=", "_=", "SHLVL=", "FRESHET_"].contains { line.hasPrefix($0) }
        }
        return expect(names == ["ONLY=this one"], "nothing is inherited", outcome)
    }

    private func files() async -> [String] {
        let secret = ProcessFile(variable: "KEY", contents: Array("s3cret\n".utf8))
        let empty = ProcessFile(variable: "NONE", contents: [])
        let outcome = await shell("cat \"$KEY\" \"$KEY\" \"$NONE\"; echo $KEY; echo $NONE", files: [secret, empty])
        return expect(outcome.lines.prefix(2) == ["s3cret", "s3cret"], "the file reads twice", outcome)
            + expect(outcome.lines.last?.contains("/fd/") == true, "the file is a descriptor", outcome)
    }

    private func input() async -> [String] {
        let outcome = await shell("wc -c", input: [UInt8](repeating: 120, count: 300_000))
        let none = await shell("wc -c")
        return expect(outcome.lines == ["300000"], "all of the input arrives", outcome)
            + expect(none.lines == ["0"], "no input ends at once", none)
    }

    private func signal() async -> [String] {
        let outcome = await shell("kill -9 $$")
        return expect(outcome.status == .signalled(9) && outcome.end == .itself, "it ended by signal 9", outcome)
    }

    private func missingProgram() async -> [String] {
        var outcomes: [Outcome] = []
        for words in [["/nowhere/at-all"], ["no-such-program"], []] {
            outcomes.append(await run(ProcessCommand(words, environment: ["PATH": "/bin"])))
        }
        return outcomes.flatMap { outcome in
            if case .failure(.cannotStart(_, let reason)) = outcome.exit, !reason.isEmpty { return [String]() }
            return expect(false, "it says that it cannot be started", outcome)
        }
    }

    private func timeLimit() async -> [String] {
        let limits = ProcessLimits(time: .milliseconds(200), grace: .milliseconds(200))
        let polite = await shell("trap 'echo bye; exit 3' TERM; while :; do sleep 0.01; done", limits: limits)
        let deaf = await shell("trap '' TERM; while :; do sleep 0.01; done", limits: limits)
        return expect(polite.end == .timedOut && polite.lines == ["bye"], "it is asked first", polite)
            + expect(deaf.end == .timedOut && deaf.status == .signalled(9), "it is ended at last", deaf)
    }

    private func stop() async -> [String] {
        let signal = StopSignal()
        let outcome = await shell(
            "trap 'echo interrupted; exit 5' INT; echo ready; while :; do sleep 0.01; done",
            interrupts: true,
            stop: signal
        ) { if $0 == "ready" { signal.raise(.cancelled) } }
        return expect(
            outcome.end == .stopped && outcome.status == .exited(5) && outcome.lines == ["ready", "interrupted"],
            "it is interrupted and ends as it likes",
            outcome
        )
    }

    private func daemon() async -> [String] {
        // A double fork into a session of its own, which keeps the output open.
        let outcome = await shell("(setsid sh -c 'echo $$; trap \"\" TERM HUP; sleep 600' &) ; sleep 0.2")
        guard let id = outcome.lines.first, Int32(id) != nil else {
            return expect(false, "the detached process tells its number", outcome)
        }
        let look = await shell("kill -0 \(id) 2>/dev/null && echo alive || echo gone")
        return expect(look.lines == ["gone"], "the detached process is ended", look)
            + expect(outcome.status == .exited(0), "which does not make the program fail", outcome)
    }

    private func outputLimit() async -> [String] {
        let limits = ProcessLimits(time: .seconds(60), output: 100_000)
        let outcome = await shell("seq 1 100000; echo the end", limits: limits)
        let told = outcome.lines.reduce(0) { $0 + $1.utf8.count + 1 }
        let dropped = (try? outcome.exit.get().droppedBytes) ?? 0
        let isSaid = outcome.output.contains { if case .dropped = $0 { true } else { false } }
        return expect(
            told < 200_000 && dropped == 588_895 + 8 - 100_000 && isSaid,
            "the rest is dropped and said",
            outcome
        )
            + expect(outcome.lines.last == "the end" && outcome.lines.first == "1", "both ends are kept", outcome)
    }

    private func cancellation() async -> [String] {
        let (started, begun) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            await shell("trap '' TERM; echo ready; while :; do sleep 0.01; done") { _ in begun.yield() }
        }
        for await _ in started { break }
        task.cancel()
        let outcome = await task.value
        return expect(outcome.end == .stopped && outcome.status == .signalled(9), "it is ended", outcome)
    }
}
