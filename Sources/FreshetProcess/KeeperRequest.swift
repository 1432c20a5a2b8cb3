internal import FreshetKit

/// What the keeper is told on its standard input, before anything else: a command and its token.
///
/// Fields of bytes, each behind its length: no text of a program can be taken for another field.
struct KeeperRequest: Equatable {
    var command: ProcessCommand
    /// Marks the program's processes, so that they are found when the keeper itself was killed.
    var token: String

    /// The variable that carries the token.
    static let marker = "FRESHET_CONTAINED"
}

extension KeeperRequest {
    /// Its length as four bytes, then the fields.
    var bytes: [UInt8] {
        var fields = FieldWriter()
        fields.add(token)
        fields.add(command.arguments.count)
        for argument in command.arguments { fields.add(argument) }
        fields.add(command.environment.count)
        for (name, value) in command.environment.sorted(by: { $0.key < $1.key }) {
            fields.add(name)
            fields.add(value)
        }
        fields.add(command.workingDirectory ?? "/")
        fields.add(bytes: command.input)
        fields.add(command.files.count)
        for file in command.files {
            fields.add(file.variable)
            fields.add(bytes: file.contents)
        }
        fields.add(command.interrupts ? 1 : 0)
        let limits = command.limits
        fields.add(limits.time.map { Int($0.wholeMilliseconds) } ?? -1)
        fields.add(Int(limits.grace.wholeMilliseconds))
        fields.add(limits.memory.map { Int($0) } ?? -1)
        fields.add(limits.processes ?? -1)
        fields.add(limits.output.map { Int($0) } ?? -1)
        fields.add(limits.openFiles ?? -1)
        fields.add(limits.fileSize.map { Int($0) } ?? -1)
        return fields.length(of: fields.bytes) + fields.bytes
    }

    /// - Returns: `nil` for bytes that are no request.
    init?(_ bytes: ArraySlice<UInt8>) {
        var fields = FieldReader(bytes)
        guard let token = fields.text(), let argumentCount = fields.number() else { return nil }
        self.token = token
        var arguments: [String] = []
        for _ in 0..<argumentCount { arguments.append(fields.text() ?? "") }
        var environment: [String: String] = [:]
        for _ in 0..<(fields.number() ?? 0) {
            guard let name = fields.text(), let value = fields.text() else { return nil }
            environment[name] = value
        }
        let folder = fields.text()
        let input = fields.bytes() ?? []
        var files: [ProcessFile] = []
        for _ in 0..<(fields.number() ?? 0) {
            guard let variable = fields.text(), let contents = fields.bytes() else { return nil }
            files.append(ProcessFile(variable: variable, contents: contents))
        }
        let interrupts = fields.number() == 1
        func optional(_ number: Int?) -> Int? { number.flatMap { $0 < 0 ? nil : $0 } }
        let limits = ProcessLimits(
            time: optional(fields.number()).map { .milliseconds($0) },
            grace: .milliseconds(fields.number() ?? 0),
            memory: optional(fields.number()).map { Int64($0) },
            processes: optional(fields.number()),
            output: optional(fields.number()).map { Int64($0) },
            openFiles: optional(fields.number()),
            fileSize: optional(fields.number()).map { Int64($0) }
        )
        guard !fields.isBroken else { return nil }
        command = ProcessCommand(
            arguments,
            environment: environment,
            workingDirectory: folder,
            input: input,
            files: files,
            limits: limits,
            interrupts: interrupts
        )
    }
}

/// What the keeper answers on its standard output, as frames: a kind, a length of four bytes, and so many bytes.
enum KeeperFrame: UInt8 {
    case standardOutput = 1
    case standardError = 2
    /// How many bytes are missing, in decimal digits.
    case droppedOutput = 3
    case droppedError = 4
    /// The last: `exited 0 itself 0 0`, that is status, code, end, dropped bytes, strays.
    case ended = 5
    /// The last: why the program could not be started.
    case notStarted = 6

    func bytes(_ payload: some Collection<UInt8>) -> [UInt8] {
        [rawValue] + FieldWriter().length(of: payload) + payload
    }
}

struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(bytes field: [UInt8]) { bytes += length(of: field) + field }
    mutating func add(_ text: String) { add(bytes: Array(text.utf8)) }
    mutating func add(_ number: Int) { add(String(number)) }

    func length(of bytes: some Collection<UInt8>) -> [UInt8] {
        let count = UInt32(bytes.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    }
}

struct FieldReader {
    private var rest: ArraySlice<UInt8>
    private(set) var isBroken = false

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func bytes() -> [UInt8]? {
        guard let count = Self.length(in: rest), rest.count - 4 >= count else {
            isBroken = true
            return nil
        }
        defer { rest = rest.dropFirst(4 + count) }
        return Array(rest.dropFirst(4).prefix(count))
    }
    mutating func text() -> String? { bytes().map { String(decoding: $0, as: UTF8.self) } }
    mutating func number() -> Int? { text().flatMap { Int($0) } }

    /// The length that stands at the beginning; `nil` where there are fewer than four bytes.
    static func length(in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

extension Duration {
    /// Rounded up, so that no limit becomes none.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
