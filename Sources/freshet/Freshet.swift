import ArgumentParser
import FreshetCore
import FreshetFailpoints
import FreshetProcess
import Glibc

/// The program: a command, then its exit status.
@main
enum Program {
    static func main() async {
        // No command of a person's: what stands between the daemon and each program that it runs.
        if CommandLine.arguments.dropFirst().first == "contain" { Keeper.run() }
        signal(SIGPIPE, SIG_IGN)
        #if FRESHET_FAILPOINTS
            do { try Failpoints.arm(Wiring.environment) } catch {
                Output.write("error: FRESHET_FAILPOINTS: \(error)\n", to: 2)
                exit(ExitStatus.usage.rawValue)
            }
        #endif
        let arguments = Array(CommandLine.arguments.dropFirst())
        exit(await Freshet.execute(arguments).rawValue)
    }
}

struct Freshet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "freshet",
        abstract: "Refreshes Power BI models when, and only when, their data changed; and says why.",
        discussion: """
            Start here:
              freshet init               make a starter project
              freshet check              find every mistake in it
              freshet plan               what would run, what would be skipped, and why
              freshet up                 the daemon: watch, decide, refresh
              freshet why sales/model    why it last ran, or did not
            """,
        version: Version.text,
        subcommands: [
            AssetsCommand.self, CheckCommand.self, ConfigCommand.self, DemoCommand.self, DoctorCommand.self,
            EmulatorCommand.self, InitCommand.self, LineageCommand.self, PauseCommand.self, PlanCommand.self,
            PluginCommand.self,
            PowerBICommand.self, ResumeCommand.self, RunCommand.self, RunsCommand.self, SchemaCommand.self,
            SavingsCommand.self, SchedulesCommand.self, SecretsCommand.self, SensorsCommand.self, ShadowCommand.self,
            SimulateCommand.self, StatusCommand.self, StoreCommand.self, TicksCommand.self, TokensCommand.self,
            UICommand.self, UpCommand.self, UsersCommand.self, WhyCommand.self,
        ] + forTests
    )

    /// What only a program that is built to be killed has.
    private static var forTests: [any ParsableCommand.Type] {
        #if FRESHET_FAILPOINTS
            [FailpointsCommand.self]
        #else
            []
        #endif
    }

    /// Parses and runs; words every failure on standard error.
    static func execute(_ arguments: [String]) async -> ExitStatus {
        let environment = Wiring.environment
        let output = Output(colour: .auto, environment: environment)
        do {
            if let typo = misspelled(arguments) {
                output.note(
                    "error: there is no command '\(typo.word)'\(typo.nearest.map { "; did you mean '\($0)'?" } ?? "")"
                )
                output.note("'freshet --help' lists all")
                return .usage
            }
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .success
        } catch let failure as Failure {
            report(failure, output)
            return failure.status
        } catch let status as ExitStatus {
            return status
        } catch is CancellationError {
            return .interrupted
        } catch {
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if code == .success {
                output.line(text)
                return .success
            }
            output.note(text)
            return code == .validationFailure ? .usage : .internalError
        }
    }

    private static func report(_ failure: Failure, _ output: Output) {
        if case .definitions(let diagnostics, let root) = failure {
            output.note(DiagnosticReport.text(diagnostics, root: root, style: output.errorStyle))
        }
        let (problem, mend) = failure.text
        output.note(output.errorStyle.red("error") + ": " + problem)
        if let mend { output.note("  " + mend) }
    }

    /// The first word that names no command where one is expected, with the command that it may mean.
    private static func misspelled(_ arguments: [String]) -> (word: String, nearest: String?)? {
        var commands: [any ParsableCommand.Type] = configuration.subcommands
        for word in arguments {
            guard !word.hasPrefix("-"), !commands.isEmpty else { return nil }
            let names = commands.flatMap { [$0._commandName] + $0.configuration.aliases } + ["help"]
            guard names.contains(word) else { return (word, nearest(word, among: names)) }
            commands = commands.first { $0._commandName == word }?.configuration.subcommands ?? []
        }
        return nil
    }
}
