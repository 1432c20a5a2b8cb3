package import FreshetKit
import Synchronization

/// Runs no program: answers from a script, and writes down what it was asked to run.
///
/// Each command is answered by the first program of the script that has not been run and that fits it; one that fits
/// none cannot be started.
package final class ScriptedProcesses: ProcessLauncher {
    /// One expected program, and what it does.
    package struct Program: Sendable {
        package var fits: @Sendable (ProcessCommand) -> Bool
        package var output: [ProcessOutput]
        package var exit: Result<ProcessExit, ProcessError>
        /// Called before anything else, with the command: to write the files that the real program would write.
        package var acts: @Sendable (ProcessCommand) -> Void
        /// Ends only when it is stopped.
        package var hangs: Bool

        package init(
            fits: @escaping @Sendable (ProcessCommand) -> Bool = { _ in true },
            output: [ProcessOutput] = [],
            exit: Result<ProcessExit, ProcessError> = .success(ProcessExit(.exited(0))),
            hangs: Bool = false,
            acts: @escaping @Sendable (ProcessCommand) -> Void = { _ in }
        ) {
            self.fits = fits
            self.output = output
            self.exit = exit
            self.hangs = hangs
            self.acts = acts
        }
    }

    private struct State {
        var script: [Program]
        var commands: [ProcessCommand] = []
    }
    private let state: Mutex<State>

    package init(_ script: [Program]) { state = Mutex(State(script: script)) }

    /// What was run, in order.
    package var commands: [ProcessCommand] { state.withLock { $0.commands } }

    package func run(
        _ command: ProcessCommand,
        stop: StopSignal?,
        output: @escaping @Sendable (ProcessOutput) async -> Void
    ) async throws(ProcessError) -> ProcessExit {
        let program = state.withLock { state -> Program? in
            state.commands.append(command)
            guard let index = state.script.firstIndex(where: { $0.fits(command) }) else { return nil }
            return state.script.remove(at: index)
        }
        guard let program else {
            throw .cannotStart(program: command.program, reason: "the script has no such program")
        }
        program.acts(command)
        for line in program.output { await output(line) }
        if program.hangs {
            let never = StopSignal()
            await (stop ?? never).raised()
            return ProcessExit(.signalled(15), end: .stopped)
        }
        return try program.exit.get()
    }
}
