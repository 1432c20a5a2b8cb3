import FreshetCore
import FreshetKit
import Glibc

/// Where a command writes: what was asked for on standard output, everything else on standard error.
struct Output: Sendable {
    let style: Style
    let errorStyle: Style
    /// Columns of the terminal; `nil` for a file or pipe without `COLUMNS`, which nothing is cut or wrapped for.
    let width: Int?
    let isTerminal: Bool
    let isErrorTerminal: Bool

    init(colour: Style.Choice, environment: [String: String]) {
        isTerminal = isatty(1) == 1
        isErrorTerminal = isatty(2) == 1
        style = Style(colour, environment: environment, isTerminal: isTerminal)
        errorStyle = Style(colour, environment: environment, isTerminal: isErrorTerminal)
        if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns >= 20 {
            width = columns
        } else if isTerminal {
            var size = winsize()
            let isKnown = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col >= 20
            width = isKnown ? Int(size.ws_col) : 80
        } else {
            width = nil
        }
    }

    func line(_ text: String = "") { Self.write(text + "\n", to: 1) }
    func note(_ text: String) { Self.write(text + "\n", to: 2) }

    /// Writes a document with its versioned name, such as `freshet.status/1`.
    func document(_ name: String, _ members: [String: JSONValue]) {
        var members = members
        members["schema"] = .text(name)
        Self.write(JSONValue.object(members).serialized(pretty: isTerminal) + "\n", to: 1)
    }

    /// Writes all of it; a reader that went away (`head`) is no error.
    static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
