internal import CProcess
internal import FreshetKit
internal import Glibc

/// The keeper's ends of the pipes to its program; -1 for one that is closed.
struct ProgramPipes {
    var input: Int32 = -1
    var output: Int32 = -1
    var error: Int32 = -1
    /// Lives as long as the process.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    private var fed = 0

    func read(_ descriptor: Int32) -> Int { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }

    /// Whether reading would give something, or the end, at once.
    func hasMore(_ descriptor: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) > 0
    }

    /// Writes as much of the program's input as goes; closes it after the last byte, or when the program reads no more.
    mutating func feed(_ bytes: [UInt8]) {
        while fed < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(input, $0.baseAddress! + fed, $0.count - fed)  // There is something to feed.
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { break }
            fed += count
        }
        close(input)
        input = -1
    }
}

/// Starts the keeper's program.
enum ProgramStart {
    struct Started {
        var id: pid_t
        var pipes: ProgramPipes
    }

    struct Failure: Error {
        var reason: String

        init(_ reason: String) { self.reason = reason }
        /// With what the system last said.
        init(_ what: String, _ number: Int32) { reason = "\(what): \(String(cString: strerror(number)))" }
    }

    /// Above the descriptors that a program gets.
    private static let firstOwn: Int32 = 200
    private static let mostFiles = 100

    static func start(_ request: KeeperRequest) -> Result<Started, Failure> {
        do throws(Failure) { return .success(try started(request)) } catch { return .failure(error) }
    }

    private static func started(_ request: KeeperRequest) throws(Failure) -> Started {
        let command = request.command
        guard command.files.count <= mostFiles else { throw Failure("it is given more than \(mostFiles) files") }
        let (outputEnd, programOutput) = try pipe()
        let (errorEnd, programError) = try pipe()
        let (failureEnd, programFailure) = try pipe()
        var pipes = ProgramPipes()
        pipes.output = outputEnd
        pipes.error = errorEnd
        var descriptors: [Int32] = []
        if command.input.isEmpty {
            descriptors.append(try own(open("/dev/null", O_RDONLY | O_CLOEXEC)))
        } else {
            let (programInput, inputEnd) = try pipe()
            descriptors.append(programInput)
            pipes.input = inputEnd
            _ = fr_set_nonblocking(inputEnd)
        }
        descriptors += [programOutput, programError]
        var environment = command.environment
        environment[KeeperRequest.marker] = request.token
        for file in command.files {
            let descriptor = file.contents.withUnsafeBytes { fr_sealed_file($0.baseAddress, $0.count) }
            environment[file.variable] = "/proc/self/fd/\(descriptors.count)"
            descriptors.append(try own(descriptor))
        }
        let path = try find(command)
        let id = spawn(path, command, environment, descriptors, programFailure)
        let number = errno
        guard id > 0 else { throw Failure("fork", number) }
        for descriptor in descriptors + [programFailure] { close(descriptor) }
        _ = fr_set_nonblocking(outputEnd)
        _ = fr_set_nonblocking(errorEnd)
        var failure: Int32 = 0
        // Ends at once: the other end closes when the program is executed.
        if read(failureEnd, &failure, 4) == 4 { throw Failure(String(cString: strerror(failure))) }
        close(failureEnd)
        return Started(id: id, pipes: pipes)
    }

    private static func spawn(
        _ path: String,
        _ command: ProcessCommand,
        _ environment: [String: String],
        _ descriptors: [Int32],
        _ failure: Int32
    ) -> pid_t {
        let limits = command.limits
        // The system counts this limit over all that the user runs, threads too, so it only brakes what gets out of
        // hand between two countings; it does not hold root.
        let processes = limits.processes.map { ProcessTree.threadCount() + $0 * 8 }
        let values = fr_limits(
            memory: limits.memory ?? -1,
            processes: processes.map { Int64($0) } ?? -1,
            open_files: limits.openFiles.map { Int64($0) } ?? -1,
            file_size: limits.fileSize ?? -1
        )
        // Freed by the exec, or by the end of this process.
        var arguments = command.arguments.map { strdup($0) } + [nil]
        var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        let folder = command.workingDirectory ?? "/"
        return fr_spawn(path, &arguments, &variables, folder, descriptors, Int32(descriptors.count), failure, values)
    }

    /// The program's path, as a shell would find it in the command's own `PATH`.
    private static func find(_ command: ProcessCommand) throws(Failure) -> String {
        let program = command.program
        guard !program.isEmpty else { throw Failure("no program is named") }
        if program.contains("/") { return program }
        guard let path = command.environment["PATH"], !path.isEmpty else {
            throw Failure("it has no path, and the environment that it is given has no PATH")
        }
        for folder in path.split(separator: ":") where access("\(folder)/\(program)", X_OK) == 0 {
            return "\(folder)/\(program)"
        }
        throw Failure("it is in no folder of its PATH, \(path)")
    }

    private static func pipe() throws(Failure) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard fr_pipe(&ends) == 0 else { throw Failure("pipe", errno) }
        return (try own(ends[0]), try own(ends[1]))
    }

    /// The descriptor under a number that is no program's.
    private static func own(_ descriptor: Int32) throws(Failure) -> Int32 {
        guard descriptor >= 0 else { throw Failure("descriptor", errno) }
        let copy = fr_duplicate(descriptor, firstOwn)
        guard copy >= 0 else { throw Failure("descriptor", errno) }
        close(descriptor)
        return copy
    }
}
