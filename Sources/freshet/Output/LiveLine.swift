/// One line at the bottom of a terminal that is rewritten; nothing anywhere else.
struct LiveLine {
    private let isShown: Bool
    private let width: Int

    init(_ output: Output) {
        isShown = output.isErrorTerminal
        width = output.width ?? 80
    }

    func show(_ text: String?) {
        guard isShown else { return }
        clear()
        if let text { Output.write(String(text.prefix(width - 1)), to: 2) }
    }

    /// Empties the line and puts the cursor at its beginning (ECMA-48, EL).
    func clear() {
        if isShown { Output.write("\r\u{1B}[2K", to: 2) }
    }
}
