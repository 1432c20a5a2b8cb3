import Foundation

/// The program `StoreWriter`, which is built beside the tests.
final class StoreWriterProcess {
    private let process = Process()
    private let pipe = Pipe()
    private var buffer = Data()

    init(_ arguments: String...) throws {
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = folder.appending(path: "StoreWriter")
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
    }

    /// Waits for the next line; `nil` at the end of the output.
    func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            buffer += more
        }
    }

    /// Ends the process as a power cut would end it, and waits until it is gone.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func outputAtEnd() throws -> String {
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
