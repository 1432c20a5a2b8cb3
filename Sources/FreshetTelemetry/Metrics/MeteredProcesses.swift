package import FreshetKit

/// Counts the ends of the programs of plugins; what else is run goes through uncounted.
package struct MeteredProcesses: ProcessLauncher {
    private let base: any ProcessLauncher
    /// With a slash at its end.
    private let folder: String
    private let meters: Meters

    /// - Parameters:
    ///   - base: runs the programs.
    ///   - folder: where the plugins are, absolute.
    ///   - meters: where they are counted.
    package init(_ base: any ProcessLauncher, folder: String, meters: Meters) {
        self.base = base
        self.folder = folder + "/"
        self.meters = meters
    }

    package func run(
        _ command: ProcessCommand,
        stop: StopSignal?,
        output: @escaping @Sendable (ProcessOutput) async -> Void
    ) async throws(ProcessError) -> ProcessExit {
        let plugin = plugin(of: command)
        do throws(ProcessError) {
            let exit = try await base.run(command, stop: stop, output: output)
            if let plugin { meters.count(.pluginExits, plugin, Self.word(for: exit)) }
            return exit
        } catch {
            if let plugin { meters.count(.pluginExits, plugin, "not_run") }
            throw error
        }
    }

    /// The plugin whose folder the command names.
    private func plugin(of command: ProcessCommand) -> String? {
        let words = command.arguments + [command.workingDirectory].compactMap { $0 }
        guard let path = words.first(where: { $0.hasPrefix(folder) }) else { return nil }
        return String(path.dropFirst(folder.count).prefix { $0 != "/" })
    }

    private static func word(for exit: ProcessExit) -> String {
        switch exit.end {
        case .itself: exit.isSuccess ? "succeeded" : "failed"
        case .timedOut: "timed_out"
        case .stopped: "stopped"
        case .overMemory: "over_memory"
        case .overProcesses: "over_processes"
        }
    }
}
