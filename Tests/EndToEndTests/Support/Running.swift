import Foundation
import Glibc
import Synchronization

/// What a process left behind.
struct Outcome: Sendable {
    var command: String
    /// The exit status; for a process that a signal ended, 128 and its number.
    var status: Int32
    var output: String
    var errors: String

    var json: JSON { get throws { try JSON(parsing: output) } }

    /// The outcome itself, if the status is as it should be.
    @discardableResult
    func expect(_ status: Int32 = 0) throws -> Outcome {
        if self.status != status { throw UnexpectedStatus(wanted: status, outcome: self) }
        return self
    }
}

/// A process ended otherwise than it should.
struct UnexpectedStatus: Error, CustomStringConvertible {
    var wanted: Int32
    var outcome: Outcome

    var description: String {
        "'\(outcome.command)' ended with \(outcome.status), not \(wanted):\n\(outcome.output)\n\(outcome.errors)"
    }
}

/// A process that has been started; ends with the last who holds it.
///
/// Foundation's `Process` learns of an end by a socket that other processes, started at the same moment, inherit: it
/// may never hear of it. This one waits in a thread.
final class Running: Sendable {
    let pid: Int32
    private let command: String
    private let files: TemporaryFolder
    private let end: Task<Int32, Never>
    private let life: Life

    init(
        _ command: [String],
        in folder: String,
        environment: [String: String] = [:],
        input: String? = nil
    ) throws {
        let files = try TemporaryFolder()
        if let input { try input.write(toFile: files.path + "/in", atomically: false, encoding: .utf8) }
        let pid = try Self.spawn(
            command,
            in: folder,
            environment: Place.plainEnvironment.merging(environment) { $1 },
            input: input == nil ? "/dev/null" : files.path + "/in",
            output: files.path + "/out",
            errors: files.path + "/err"
        )
        let life = Life()
        let (ends, continuation) = AsyncStream.makeStream(of: Int32.self)
        Thread.detachNewThread {
            continuation.yield(life.end(of: pid))
            continuation.finish()
        }
        end = Task {
            for await status in ends { return status }
            return -1
        }
        (self.pid, self.life, self.files) = (pid, life, files)
        self.command = command.map { $0.split(separator: "/").last.map(String.init) ?? $0 }.joined(separator: " ")
    }

    deinit { signal(SIGKILL) }

    var isRunning: Bool { life.isRunning }
    var output: String { Self.text(files.path + "/out") }
    var errors: String { Self.text(files.path + "/err") }

    func signal(_ number: Int32) { life.signal(number, to: pid) }

    /// Waits for its end; what has not ended within the limit is killed and an error.
    @discardableResult
    func ended(within limit: Duration = .seconds(60)) async throws -> Outcome {
        let status = try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask { [end] in await end.value }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            let first = try await group.next() ?? nil
            if first == nil { signal(SIGKILL) }
            return first
        }
        guard let status else { throw Late(what: "the end of '\(command)'", saw: output + errors) }
        return Outcome(command: command, status: status, output: output, errors: errors)
    }

    /// Whether a process is there, so that a signal never reaches another that was given its number.
    private final class Life: Sendable {
        private let running = Mutex(true)

        var isRunning: Bool { running.withLock { $0 } }

        func signal(_ number: Int32, to pid: Int32) {
            running.withLock { running in
                if running { kill(pid, number) }
            }
        }

        /// Waits until it has ended.
        func end(of pid: Int32) -> Int32 {
            var info = siginfo_t()
            // It stays a zombie, and its number taken, until the lock is held.
            while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
            return running.withLock { running in
                running = false
                var status: Int32 = 0
                waitpid(pid, &status, 0)
                // The layout of wait(2): a signal's number in the low seven bits, else the exit status above.
                return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
            }
        }
    }

    private static func spawn(
        _ command: [String],
        in folder: String,
        environment: [String: String],
        input: String,
        output: String,
        errors: String
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        // Glibc's action that changes the folder is not visible here; `env` does it and becomes the program.
        let arguments = (["env", "-C", folder] + command).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pid: Int32 = 0
        let result = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, arguments, variables)
        guard result == 0 else { throw Late(what: "a process", saw: String(cString: strerror(result))) }
        return pid
    }

    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

/// Something that was waited for did not come.
struct Late: Error, CustomStringConvertible {
    var what: String
    var saw: String

    var description: String { "\(what) did not come in time; last seen:\n\(saw)" }
}

/// Asks again and again until it holds; an answer that cannot be had yet counts as a no.
func until(
    _ what: String,
    within limit: Duration = .seconds(30),
    _ holds: () async throws -> Bool
) async throws {
    _ = try await eventually(what, within: limit) { try await holds() ? true : nil }
}

/// Asks again and again until the answer is what is waited for; an answer that cannot be had yet counts as a no.
func eventually<Value>(
    _ what: String,
    within limit: Duration = .seconds(30),
    _ ask: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + limit
    var last = "nothing"
    while true {
        do {
            if let value = try await ask() { return value }
            last = "an answer, and not this one"
        } catch {
            last = "\(error)"
        }
        guard ContinuousClock.now < end else { throw Late(what: what, saw: last) }
        try await Task.sleep(for: .milliseconds(50))
    }
}
