internal import FreshetCore
internal import FreshetKit
private import Glibc
private import Synchronization

/// Takes what a program says, wherever it comes from, and makes a report of it.
///
/// Everything passes the redactor first: what a program was given may come back in its words.
final class PluginListener: Sendable {
    private struct State {
        var report = PipesReport()
        var offset: Int64 = 0
        /// The bytes of a message whose end has not come.
        var tail: [UInt8] = []
        /// A line that was cut, of which the rest follows.
        var cutLine = ""
        var lastErrors: [String] = []
        var outputLines = 0
        var isOver = false
    }
    private static let mostOutputLines = 2000
    private static let mostMessage = 16 << 20
    /// A line as long as this has been cut; see ``ProcessOutput``.
    private static let cutLength = 64 << 10

    private let state = Mutex(State())
    private let file: String
    private let transport: PipesTransport
    private let limit: Int64
    private let redactor: Redactor
    private let tell: @Sendable (PipesReport.Effect) async -> Void

    init(
        file: String,
        transport: PipesTransport,
        limit: Int64,
        redactor: Redactor,
        tell: @escaping @Sendable (PipesReport.Effect) async -> Void
    ) {
        self.file = file
        self.transport = transport
        self.limit = limit
        self.redactor = redactor
        self.tell = tell
    }

    func result(_ exit: ProcessExit) -> PluginResult {
        state.withLock {
            PluginResult(report: $0.report, exit: exit, lastErrors: $0.lastErrors, isOverMessages: $0.isOver)
        }
    }

    /// Takes what the program wrote.
    func heard(_ output: ProcessOutput) async {
        switch output {
        case .line(let stream, let text):
            let text = redactor.redact(text)
            if stream == transport.stream, let effects = message(in: text) {
                for effect in effects { await tell(effect) }
            } else {
                await plain(text, stream)
            }
        case .dropped(let stream, let bytes):
            await tell(.log(.warning, "\(bytes) bytes of \(stream.rawValue) were more than its limit and are not kept"))
        }
    }

    /// The effects of a line that is a message; `nil` for one that is not.
    private func message(in text: String) -> [PipesReport.Effect]? {
        state.withLock { state in
            let whole = state.cutLine + text
            guard whole.hasPrefix("{") else {
                state.cutLine = ""
                return nil
            }
            if let value = PipesJSON.parse(whole) {
                state.cutLine = ""
                return value[PipesReport.versionKey] == nil ? nil : state.report.take(line: whole)
            }
            let isCut = text.utf8.count >= Self.cutLength && whole.utf8.count < Self.mostMessage
            state.cutLine = isCut ? whole : ""
            return isCut ? [] : nil
        }
    }

    private func plain(_ text: String, _ stream: ProcessStream) async {
        let text = text.printable
        let count = state.withLock { state in
            state.outputLines += 1
            if stream == .standardError {
                state.lastErrors.append(String(text.prefix(2000)))
                if state.lastErrors.count > 20 { state.lastErrors.removeFirst() }
            }
            return state.outputLines
        }
        if count <= Self.mostOutputLines {
            await tell(.log(stream == .standardError ? .warning : .info, text))
        } else if count == Self.mostOutputLines + 1 {
            await tell(.log(.warning, "it writes more than \(Self.mostOutputLines) lines; the others are not kept"))
        }
    }

    /// Reads what has been appended to the messages file.
    ///
    /// - Returns: false when the program has reported more than it may.
    func drain() async -> Bool {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        while true {
            let effects = state.withLock { read(descriptor, &$0) }
            guard let effects else { break }
            for effect in effects { await tell(effect) }
        }
        return state.withLock { !$0.isOver }
    }

    /// At the end, what stands behind the last line's end.
    func drainRest() async {
        _ = await drain()
        let effects = state.withLock { state -> [PipesReport.Effect] in
            guard !state.tail.isEmpty else { return [] }
            defer { state.tail = [] }
            return state.report.take(line: redactor.redact(String(decoding: state.tail, as: UTF8.self)))
        }
        for effect in effects { await tell(effect) }
    }

    /// The effects of the next part of the file; `nil` at its end.
    private func read(_ descriptor: Int32, _ state: inout State) -> [PipesReport.Effect]? {
        guard !state.isOver else { return nil }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let got = pread(descriptor, &buffer, buffer.count, off_t(state.offset))
        guard got > 0 else { return nil }
        state.offset += Int64(got)
        guard state.offset <= limit, state.tail.count <= Self.mostMessage else {
            state.isOver = true
            return [.log(.error, "it reported more than its limit")]
        }
        var effects: [PipesReport.Effect] = []
        var rest = buffer[..<got]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: state.tail + rest[..<end], as: UTF8.self)
            state.tail = []
            rest = rest[(end + 1)...]
            effects += state.report.take(line: redactor.redact(line))
        }
        state.tail += rest
        return effects
    }
}

extension String {
    /// Without the control characters by which a text could take over a terminal, and without their sequences.
    var printable: String {
        guard unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) else {
            return self
        }
        let plain = replacing(/\u{1B}(\[[0-9;?]*[ -\/]*[@-~]|\][^\u{07}\u{1B}]*(\u{07}|\u{1B}\\)?|.)?/, with: "")
        var scalars = String.UnicodeScalarView()
        for scalar in plain.unicodeScalars {
            let isControl = scalar.value < 0x20 && scalar != "\t" || (0x7F...0x9F).contains(scalar.value)
            scalars.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(scalars)
    }
}
