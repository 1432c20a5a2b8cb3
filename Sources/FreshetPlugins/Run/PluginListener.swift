internal import FreshetCore
internal import FreshetKit
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
        /// Of both, what it prints and what it reports as its log.
        var lines = 0
        /// The parts of its work that have been told of.
        var parts: Set<String> = []
        var trouble: PluginResult.Trouble?
    }
    private static let mostLines = 2000
    private static let mostParts = 500
    private static let mostMessage = 16 << 20
    /// A line as long as this has been cut; see ``ProcessOutput``.
    private static let cutLength = 64 << 10

    private let state = Mutex(State())
    private let file: MessagesFile
    private let transport: PipesTransport
    private let limit: Int64
    private let redactor: Redactor
    private let isOverdue: @Sendable () -> Bool
    private let tell: @Sendable (PipesReport.Effect) async -> Void

    /// - Parameters:
    ///   - file: the messages, unless they stand among the lines.
    ///   - transport: where they stand.
    ///   - limit: of the messages, in bytes.
    ///   - redactor: takes secrets out of everything.
    ///   - isOverdue: whether the time is over in which it listens.
    ///   - tell: is told what has to be told at once.
    init(
        file: MessagesFile,
        transport: PipesTransport,
        limit: Int64,
        redactor: Redactor,
        isOverdue: @escaping @Sendable () -> Bool,
        tell: @escaping @Sendable (PipesReport.Effect) async -> Void
    ) {
        self.file = file
        self.transport = transport
        self.limit = limit
        self.redactor = redactor
        self.isOverdue = isOverdue
        self.tell = tell
    }

    func result(_ exit: ProcessExit) -> PluginResult {
        state.withLock {
            PluginResult(report: $0.report, exit: exit, lastErrors: $0.lastErrors, trouble: $0.trouble)
        }
    }

    /// Takes what the program wrote.
    func heard(_ output: ProcessOutput) async {
        switch output {
        case .line(let stream, let text):
            let isCut = text.utf8.count >= Self.cutLength
            let text = redactor.redact(text)
            if stream == transport.stream, let effects = message(in: text, isCut: isCut) {
                await tell(effects)
            } else {
                await tell(plain(text, stream))
            }
        case .dropped(let stream, let bytes):
            await tell(.log(.warning, "\(bytes) bytes of \(stream.rawValue) were more than its limit and are not kept"))
        }
    }

    /// Nothing is put on record any more when its time is over: the report has it.
    private func tell(_ effects: [PipesReport.Effect]) async {
        for effect in effects {
            if isOverdue() { return }
            await tell(effect)
        }
    }

    /// The effects of a line that is a message; `nil` for one that is not.
    private func message(in text: String, isCut: Bool) -> [PipesReport.Effect]? {
        state.withLock { state in
            let whole = state.cutLine + text
            guard whole.hasPrefix("{") else {
                state.cutLine = ""
                return nil
            }
            if let value = PipesJSON.parse(whole) {
                state.cutLine = ""
                return value[PipesReport.versionKey] == nil ? nil : Self.told(state.report.take(line: whole), &state)
            }
            let goesOn = isCut && whole.utf8.count < Self.mostMessage
            state.cutLine = goesOn ? whole : ""
            return goesOn ? [] : nil
        }
    }

    private func plain(_ text: String, _ stream: ProcessStream) -> [PipesReport.Effect] {
        let text = text.printable
        return state.withLock { state in
            if stream == .standardError {
                state.lastErrors.append(String(text.prefix(2000)))
                if state.lastErrors.count > 20 { state.lastErrors.removeFirst() }
            }
            return Self.told([.log(stream == .standardError ? .warning : .info, text)], &state)
        }
    }

    /// What of it is told: of lines so many in all, of each part of the work what was said last.
    private static func told(_ effects: [PipesReport.Effect], _ state: inout State) -> [PipesReport.Effect] {
        var told: [PipesReport.Effect] = []
        var places: [String: Int] = [:]
        for effect in effects {
            switch effect {
            case .log:
                state.lines += 1
                if state.lines <= mostLines { told.append(effect) }
                if state.lines == mostLines + 1 {
                    told.append(.log(.warning, "it writes more than \(mostLines) lines; the others are not kept"))
                }
            case .progress(let name, _, _, _):
                if let place = places[name] {
                    told[place] = effect
                } else if state.parts.contains(name) || state.parts.count < mostParts {
                    state.parts.insert(name)
                    places[name] = told.count
                    told.append(effect)
                }
            }
        }
        return told
    }

    // MARK: Messages

    /// Reads what has been appended to the messages file.
    ///
    /// - Returns: false when the program is not to go on: it has reported more than it may, or elsewhere.
    func drain() async -> Bool {
        while true {
            let effects = state.withLock { next(&$0) }
            guard let effects else { break }
            await tell(effects)
        }
        return state.withLock { $0.trouble == nil }
    }

    /// At the end, what stands behind the last line's end.
    func drainRest() async {
        _ = await drain()
        let effects = state.withLock { state -> [PipesReport.Effect] in
            guard !state.tail.isEmpty else { return [] }
            defer { state.tail = [] }
            let line = redactor.redact(String(decoding: state.tail, as: UTF8.self))
            return Self.told(state.report.take(line: line), &state)
        }
        await tell(effects)
    }

    /// The effects of the next part of the file; `nil` at its end.
    private func next(_ state: inout State) -> [PipesReport.Effect]? {
        guard state.trouble == nil else { return nil }
        guard !file.isReplaced else {
            state.trouble = .replaced
            return nil
        }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let got = file.read(at: state.offset, into: &buffer)
        guard got > 0 else { return nil }
        guard !isOverdue() else {
            state.trouble = .unread
            return nil
        }
        state.offset += Int64(got)
        guard state.offset <= limit, state.tail.count <= Self.mostMessage else {
            state.trouble = .overMessages
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
        return Self.told(effects, &state)
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
