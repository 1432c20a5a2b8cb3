private import FoundationEssentials
internal import FreshetCore
internal import FreshetKit
private import Glibc
private import Synchronization

/// When a program ended; `nil` while it runs.
private final class ProgramEnd: Sendable {
    private let state = Mutex<Timestamp?>(nil)

    var moment: Timestamp? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

/// Runs a plugin's program for one operation, and listens to it.
struct PluginRun: Sendable {
    private static let interval = Duration.milliseconds(100)
    /// How long its messages are read after its end.
    private static let readingTime = Duration.seconds(30)

    let manifest: PluginManifest
    let surroundings: Surroundings

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - operation: what it is run for.
    ///   - stop: ends it when it is raised.
    ///   - tell: is told what the program says while it says it.
    /// - Returns: its end, and everything that it reported.
    /// - Throws: ``PluginTrouble`` when it cannot be run.
    func callAsFunction(
        _ operation: PluginOperation,
        stop: StopSignal? = nil,
        tell: @escaping @Sendable (PipesReport.Effect) async -> Void = { _ in }
    ) async throws(PluginTrouble) -> PluginResult {
        let parent = surroundings.secrets.variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        ScratchFolder.sweepNowAndThen(parent, now: surroundings.clock.now)
        let scratch = try ScratchFolder.make(in: parent)
        // What cannot be removed is in the system's folder for what may go.
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let messages = try MessagesFile(making: scratch + "/messages")
        let context = scratch + "/context"
        try write(Array(operation.context(root: surroundings.root).serialized().utf8), to: context)
        let command = try await command(operation, scratch: scratch, context: context, messages: messages.path)
        let clock = surroundings.clock
        let end = ProgramEnd()
        let listener = PluginListener(
            file: messages,
            transport: manifest.transport,
            limit: manifest.limits.messages,
            redactor: surroundings.redactor,
            isOverdue: { end.moment.map { clock.now > $0 + Self.readingTime } ?? false },
            tell: tell
        )
        // Raised by whoever stops the step, and by the listener.
        let halt = StopSignal()
        let watching = Task {
            await withTaskGroup(of: Void.self) { group in
                if let stop {
                    group.addTask {
                        await stop.raised()
                        if let reason = stop.reason { halt.raise(reason) }
                    }
                }
                group.addTask { await follow(listener, halt) }
            }
        }
        let outcome: Result<ProcessExit, ProcessError>
        do throws(ProcessError) {
            outcome = .success(try await surroundings.processes.run(command, stop: halt) { await listener.heard($0) })
        } catch {
            outcome = .failure(error)
        }
        end.moment = clock.now
        watching.cancel()
        await watching.value
        await listener.drainRest()
        switch outcome {
        case .success(let exit): return listener.result(exit)
        case .failure(let error): throw .cannotRun(error)
        }
    }

    /// Reads messages while the program writes them, until the task is cancelled.
    private func follow(_ listener: PluginListener, _ halt: StopSignal) async {
        while !Task.isCancelled {
            if await !listener.drain() { halt.raise(.deadline) }
            do { try await surroundings.clock.sleep(for: Self.interval) } catch { return }
        }
    }

    // MARK: Command

    private func command(
        _ operation: PluginOperation,
        scratch: String,
        context: String,
        messages: String
    ) async throws(PluginTrouble) -> ProcessCommand {
        var environment = [
            "HOME": scratch, "LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": scratch, "TZ": "UTC",
        ]
        for (name, text) in manifest.environment { environment[name] = try await resolve(text, name) }
        environment[PipesEncoding.contextVariable] = PipesEncoding.encode(["path": .text(context)])
        environment[PipesEncoding.messagesVariable] = PipesEncoding.encode(
            manifest.transport.parameters(file: messages)
        )
        var files: [ProcessFile] = []
        for (name, text) in manifest.secrets.sorted(by: { $0.key < $1.key }) {
            files.append(ProcessFile(variable: name, contents: Array(try await resolve(text, name).utf8)))
        }
        let entry = operation.entry
        let values = entry.values(operation.settings, root: surroundings.root)
        let stated = (entry.command ?? manifest.command).map { CommandWord($0) }
        let words = stated.enumerated().flatMap { index, word in
            word.arguments(values, folder: manifest.folder, isProgram: index == 0)
        }
        let named = Set(stated.flatMap(\.fields))
        let arguments = entry.paths(
            of: entry.fields.filter { named.contains($0.field.name) },
            operation.settings,
            root: surroundings.root
        )
        let own = words.filter { $0.hasPrefix(manifest.folder + "/") && !arguments.contains($0) }
        let problem =
            own.lazy.compactMap { PluginFolder.problem(of: $0, in: manifest.folder) }.first
            ?? PluginFolder.problem(of: "\(manifest.folder)/\(PluginManifest.file)")
            ?? arguments.lazy.compactMap { PluginFolder.problem(ofArgument: $0) }.first
        if let problem { throw .permission(problem) }
        var limits = manifest.limits.process
        if let deadline = operation.deadline {
            let left = max(deadline - surroundings.clock.now, .zero)
            limits.time = min(limits.time ?? left, left)
        }
        return ProcessCommand(
            words,
            environment: environment,
            workingDirectory: scratch,
            files: files,
            limits: limits,
            // As a terminal does it: Python then ends with an exception, which is reported.
            interrupts: true
        )
    }

    private func resolve(_ text: String, _ name: String) async throws(PluginTrouble) -> String {
        do throws(SecretError) {
            return try await surroundings.secrets.resolve(text)
        } catch {
            throw .secret(name: name, error)
        }
    }

    // MARK: Files

    private func write(_ bytes: [UInt8], to path: String) throws(PluginTrouble) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .files("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .files("\(path): \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
    }
}
