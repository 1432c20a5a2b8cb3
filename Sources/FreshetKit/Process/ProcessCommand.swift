/// A program to run, and all that it is given.
public struct ProcessCommand: Hashable, Sendable {
    /// The program and its arguments.
    ///
    /// A program without `/` is looked for in the `PATH` of `environment`; one with it
    /// starts at the working directory.
    public var arguments: [String]
    /// Everything that the program sees of an environment.
    public var environment: [String: String]
    /// Absolute; `nil` for `/`.
    public var workingDirectory: String?
    /// What it reads from standard input, which then ends.
    public var input: [UInt8]
    /// What it reads from descriptors, and what thus stands in no file, argument or variable: secrets above all.
    public var files: [ProcessFile]
    public var limits: ProcessLimits
    /// Whether it is first asked to end by SIGINT, as a terminal does it, and by SIGTERM only after half of the grace.
    public var interrupts: Bool

    public init(
        _ arguments: [String],
        environment: [String: String] = [:],
        workingDirectory: String? = nil,
        input: [UInt8] = [],
        files: [ProcessFile] = [],
        limits: ProcessLimits = ProcessLimits(),
        interrupts: Bool = false
    ) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.input = input
        self.files = files
        self.limits = limits
        self.interrupts = interrupts
    }

    /// The program as it was stated.
    public var program: String { arguments.first ?? "" }
}

/// A file that exists only in memory, sealed, and only for the program that it is handed to.
public struct ProcessFile: Hashable, Sendable {
    /// The variable that tells the program the file's path.
    ///
    /// The path is one such as `/proc/self/fd/3`. It may be opened any number of
    /// times, by this program only: those that it starts have to be handed the descriptor.
    public var variable: String
    public var contents: [UInt8]

    public init(variable: String, contents: [UInt8]) {
        self.variable = variable
        self.contents = contents
    }
}

/// How much a program may use, with all that it starts.
public struct ProcessLimits: Hashable, Sendable {
    /// From its start to its end; `nil` for no limit.
    public var time: Duration?
    /// From being asked to end to being ended.
    public var grace: Duration
    /// Bytes of memory, together and for each process; `nil` for no limit.
    public var memory: Int64?
    /// How many processes there may be at once; `nil` for no limit.
    public var processes: Int?
    /// Bytes of both streams that are passed on; `nil` for no limit.
    ///
    /// Of what comes beyond, only the last lines are passed on. The program is not stopped by it.
    public var output: Int64?
    /// Descriptors of each process.
    public var openFiles: Int?
    /// Bytes of a file that it writes.
    public var fileSize: Int64?

    public init(
        time: Duration? = nil,
        grace: Duration = .seconds(10),
        memory: Int64? = nil,
        processes: Int? = nil,
        output: Int64? = nil,
        openFiles: Int? = nil,
        fileSize: Int64? = nil
    ) {
        self.time = time
        self.grace = grace
        self.memory = memory
        self.processes = processes
        self.output = output
        self.openFiles = openFiles
        self.fileSize = fileSize
    }
}
