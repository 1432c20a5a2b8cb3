private import FreshetCore
package import FreshetKit
private import Glibc
private import Subprocess
private import Synchronization
private import SystemPackage

/// Runs each program under a keeper of its own; see the README of this folder.
///
/// No thread waits for a program, and what a program writes is held back where nobody takes it.
package struct ContainedProcesses: ProcessLauncher {
    private static let count = Atomic<Int>(0)

    private let keeper: String
    private let arguments: [String]
    private let redactor: Redactor?
    private let clock: any EngineClock

    /// - Parameters:
    ///   - keeper: a program that calls ``Keeper/run()``; by default this one, even when its file has been replaced.
    ///   - arguments: those with which it does.
    ///   - redactor: takes secrets out of lines that are cut into pieces. Whoever takes whole lines redacts them.
    ///   - clock: what the keeper itself is timed with.
    package init(
        keeper: String = "/proc/self/exe",
        arguments: [String] = ["contain"],
        redactor: Redactor? = nil,
        clock: any EngineClock = SystemClock()
    ) {
        self.keeper = keeper
        self.arguments = arguments
        self.redactor = redactor
        self.clock = clock
    }

    package func run(
        _ command: ProcessCommand,
        stop: StopSignal?,
        output: @escaping @Sendable (ProcessOutput) async -> Void
    ) async throws(ProcessError) -> ProcessExit {
        let cancel = StopSignal()
        let number = Self.count.add(1, ordering: .relaxed).newValue
        let request = KeeperRequest(command: command, token: "\(getpid())-\(number)")
        // Not a child task: a cancelled one would end the keeper before its program.
        let keeping = Task { await keep(request, stop, cancel, output) }
        let outcome = await withTaskCancellationHandler {
            await keeping.value
        } onCancel: {
            cancel.raise(.cancelled)
        }
        return try outcome.get()
    }

    private func keep(
        _ request: KeeperRequest,
        _ stop: StopSignal?,
        _ cancel: StopSignal,
        _ output: @escaping @Sendable (ProcessOutput) async -> Void
    ) async -> Result<ProcessExit, ProcessError> {
        var options = PlatformOptions()
        options.createSession = true
        let program = request.command.program
        var reader = FrameReader(program: program, redactor: redactor)
        let watch = KeeperWatch(request.command.limits, clock)
        var trouble = "its keeper ended before it"
        do {
            let result = try await Subprocess.run(
                .path(FilePath(keeper)),
                // As a person finds it in a list of processes.
                arguments: Arguments(executablePathOverride: "freshet", remainingValues: arguments + [program]),
                environment: .custom([:]),
                workingDirectory: "/",
                platformOptions: options,
                input: .inputWriter,
                output: .sequence,
                error: .discarded
            ) { execution in
                let writer = execution.standardInputWriter
                _ = try await writer.write(request.bytes)
                return try await withThrowingTaskGroup(of: Void.self) { group in
                    let id = pid_t(execution.processIdentifier.value)
                    group.addTask { if await watch.isOverdue() { watch.end(keeper: id) } }
                    for (signal, wish) in [(stop, DaemonLink.Wish.stop), (cancel, .cancel)] {
                        guard let signal else { continue }
                        group.addTask {
                            await signal.raised()
                            // A keeper that is gone has no program any more.
                            guard !Task.isCancelled else { return }
                            watch.expectEnd(wish)
                            _ = try? await writer.write([wish.rawValue])
                        }
                    }
                    defer { group.cancelAll() }
                    var reader = reader
                    for try await buffer in execution.standardOutput {
                        watch.heard()
                        buffer.withUnsafeBytes { reader.add($0) }
                        while let frame = reader.next() {
                            for line in frame {
                                await output(line)
                                watch.heard()
                            }
                        }
                    }
                    return reader
                }
            }
            reader = result.closureResult
        } catch {
            trouble = "\(error)"
        }
        if let end = reader.end { return end }
        for id in ProcessTree.marked("\(KeeperRequest.marker)=\(request.token)") { kill(id, SIGKILL) }
        if let end = watch.end { return .success(ProcessExit(.signalled(SIGKILL), end: end)) }
        return .failure(.lost(program: program, reason: trouble))
    }
}
