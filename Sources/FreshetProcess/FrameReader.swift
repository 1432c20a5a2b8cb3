internal import FreshetKit

/// Makes lines, and at last an end, of what a keeper sends.
struct FrameReader {
    private let program: String
    private let redactor: Redactor?
    private var unread: [UInt8] = []
    private var position = 0
    private var lines: [ProcessStream: LineSplitter] = [:]
    /// `nil` until the keeper has said it.
    private(set) var end: Result<ProcessExit, ProcessError>?

    /// `redactor` takes secrets out of what has to be cut; lines that are whole are left as they are.
    init(program: String, redactor: Redactor? = nil) {
        self.program = program
        self.redactor = redactor
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        if position > 0 {
            unread.removeFirst(position)
            position = 0
        }
        unread += bytes
    }

    /// What the next frame says; `nil` when it is not whole yet.
    mutating func next() -> [ProcessOutput]? {
        let rest = unread[position...]
        guard let first = rest.first, let count = FieldReader.length(in: rest.dropFirst()), rest.count >= 5 + count
        else {
            return nil
        }
        let payload = rest.dropFirst(5).prefix(count)
        position += 5 + count
        switch KeeperFrame(rawValue: first) {
        case .standardOutput: return splitting(payload, .standardOutput)
        case .standardError: return splitting(payload, .standardError)
        case .droppedOutput: return dropping(payload, .standardOutput)
        case .droppedError: return dropping(payload, .standardError)
        case .ended:
            end = Self.exit(String(decoding: payload, as: UTF8.self)).map { .success($0) }
            return ProcessStream.allCases.flatMap { lines[$0, default: LineSplitter(redactor)].flush($0) }
        case .notStarted:
            end = .failure(.cannotStart(program: program, reason: String(decoding: payload, as: UTF8.self)))
            return []
        case nil: return []
        }
    }

    private mutating func splitting(_ payload: ArraySlice<UInt8>, _ stream: ProcessStream) -> [ProcessOutput] {
        lines[stream, default: LineSplitter(redactor)].add(payload).map { .line(stream, $0) }
    }

    private mutating func dropping(_ payload: ArraySlice<UInt8>, _ stream: ProcessStream) -> [ProcessOutput] {
        let bytes = Int64(String(decoding: payload, as: UTF8.self)) ?? 0
        return lines[stream, default: LineSplitter(redactor)].flush(stream) + [.dropped(stream, bytes: bytes)]
    }

    private static func exit(_ text: String) -> ProcessExit? {
        let words = text.split(separator: " ")
        guard words.count == 5, let code = Int32(words[1]), let end = ProcessExit.End(rawValue: String(words[2])),
            let dropped = Int64(words[3]), let strays = Int(words[4])
        else { return nil }
        return ProcessExit(
            words[0] == "exited" ? .exited(code) : .signalled(code),
            end: end,
            droppedBytes: dropped,
            strays: strays
        )
    }
}

/// Cuts a stream into lines, and long lines into pieces.
struct LineSplitter {
    static let longest = 64 << 10

    private let redactor: Redactor?
    private var rest: [UInt8] = []
    /// Of a line that is too long: what stands before `rest`, without secrets.
    private var ready: [UInt8] = []

    init(_ redactor: Redactor? = nil) { self.redactor = redactor }

    /// The lines that end in these bytes, with what stood before them.
    mutating func add(_ bytes: ArraySlice<UInt8>) -> [String] {
        var lines: [String] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            rest += bytes[start..<end]
            lines += cut(isWhole: true)
            start = end + 1
        }
        rest += bytes[start...]
        return lines + cut(isWhole: false)
    }

    /// What stands after the last line's end.
    mutating func flush(_ stream: ProcessStream) -> [ProcessOutput] {
        rest.isEmpty && ready.isEmpty ? [] : cut(isWhole: true).map { .line(stream, $0) }
    }

    private mutating func cut(isWhole: Bool) -> [String] {
        if rest.count > Self.longest || !ready.isEmpty { prepare(isWhole: isWhole) }
        var lines: [String] = []
        while ready.count > Self.longest {
            lines.append(String(decoding: ready.prefix(Self.longest), as: UTF8.self))
            ready.removeFirst(Self.longest)
        }
        guard isWhole else { return lines }
        ready += rest
        rest.removeAll(keepingCapacity: true)
        if ready.last == UInt8(ascii: "\r") { ready.removeLast() }
        lines.append(String(decoding: ready, as: UTF8.self))
        ready.removeAll()
        return lines
    }

    /// Takes secrets out before anything is cut off: nobody finds one again that stands in two pieces.
    private mutating func prepare(isWhole: Bool) {
        guard let redactor else {
            ready += rest
            rest.removeAll(keepingCapacity: true)
            return
        }
        let (redacted, taken) = redactor.redact(rest, isLast: isWhole)
        ready += redacted
        rest.removeFirst(taken)
    }
}
