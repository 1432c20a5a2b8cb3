import Glibc

/// Where a new password comes from: a terminal that does not show it, or a line of standard input; never an argument,
/// which everybody on the machine can read.
enum PasswordEntry {
    /// - Parameters:
    ///   - user: whose, for the question.
    ///   - output: asks.
    /// - Returns: what was entered, without its line's end.
    /// - Throws: ``Failure/usage(_:mend:)`` when nothing comes, or two entries differ.
    static func read(for user: String, _ output: Output) throws -> String {
        guard isatty(0) == 1 else {
            guard let line = readLine(strippingNewline: true), !line.isEmpty else {
                throw Failure.usage("standard input holds no password", mend: "write it on one line")
            }
            return line
        }
        let first = try ask("Password for \(user): ", output)
        guard try ask("Once more: ", output) == first else {
            throw Failure.usage("the two passwords differ", mend: nil)
        }
        return first
    }

    private static func ask(_ question: String, _ output: Output) throws -> String {
        Output.write(question, to: 2)
        var shown = termios()
        let isKnown = tcgetattr(0, &shown) == 0
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        if isKnown { tcsetattr(0, TCSAFLUSH, &hidden) }
        defer {
            if isKnown { tcsetattr(0, TCSAFLUSH, &shown) }
            output.note("")
        }
        guard let line = readLine(strippingNewline: true), !line.isEmpty else {
            throw Failure.usage("no password was given", mend: nil)
        }
        return line
    }
}
