import FreshetCore
import FreshetKit
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A process of this same program that goes on while others are asked, with its output in a file.
final class ChildProcess: Sendable {
    let pid: Int32
    let log: String
    private let running: Task<Void, any Error>
    private let ending: Ending

    /// Whether it is gone, of its own accord or not.
    var hasEnded: Bool { ending.isOver.withLock { $0 } }

    /// Seen by whoever watches, and by the task that waits for the process.
    private final class Ending: Sendable {
        let isOver = Mutex(false)
    }

    /// - Throws: ``DemoFailure`` when it cannot be started.
    static func start(
        _ arguments: [String],
        in folder: String,
        environment: [String: String],
        log: String
    ) async throws -> ChildProcess {
        let file = try FileDescriptor.open(
            FilePath(log),
            .writeOnly,
            options: [.create, .append],
            permissions: .ownerReadWrite
        )
        let variables = Dictionary(
            uniqueKeysWithValues: environment.map { (Subprocess.Environment.Key(stringLiteral: $0.key), $0.value) }
        )
        let (pids, report) = AsyncStream.makeStream(of: Int32.self)
        let ending = Ending()
        let running = Task {
            defer {
                ending.isOver.withLock { $0 = true }
                report.finish()
            }
            _ = try await Subprocess.run(
                .path(FilePath(try Self.program())),
                arguments: Arguments(arguments),
                environment: .custom(variables),
                workingDirectory: FilePath(folder),
                input: .none,
                output: .fileDescriptor(file, closeAfterSpawningProcess: false),
                error: .fileDescriptor(file, closeAfterSpawningProcess: true)
            ) { execution in
                report.yield(execution.processIdentifier.value)
                report.finish()
            }
        }
        for await pid in pids { return ChildProcess(pid: pid, log: log, running: running, ending: ending) }
        throw DemoFailure("\(arguments.joined(separator: " ")) did not start")
    }

    private init(pid: Int32, log: String, running: Task<Void, any Error>, ending: Ending) {
        self.pid = pid
        self.log = log
        self.running = running
        self.ending = ending
    }

    /// Sends a signal and returns when the process is gone.
    func end(_ signal: Int32) async {
        if !hasEnded { kill(pid, signal) }
        _ = await running.result
    }

    /// Runs this program to its end.
    ///
    /// - Returns: its exit status and what it wrote to standard output.
    static func ask(
        _ arguments: [String],
        in folder: String,
        environment: [String: String]
    ) async throws -> (status: Int32, output: String) {
        let variables = Dictionary(
            uniqueKeysWithValues: environment.map { (Subprocess.Environment.Key(stringLiteral: $0.key), $0.value) }
        )
        let result = try await Subprocess.run(
            .path(FilePath(try program())),
            arguments: Arguments(arguments),
            environment: .custom(variables),
            workingDirectory: FilePath(folder),
            output: .string(limit: 64 << 20),
            error: .discarded
        )
        let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return (status, result.standardOutput)
    }

    private static func program() throws -> String {
        do {
            var buffer = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
            guard count > 0 else { throw DemoFailure("this program cannot find itself") }
            return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}

/// A line of the story that did not hold.
struct DemoFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
