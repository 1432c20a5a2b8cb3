import Foundation
import Glibc

/// A server of somebody else's that lives as long as this value, and ends with the test process whatever happens.
final class ServerProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Both texts are for a shell; the second is run when the server has been killed.
    init(_ command: String, atEnd: String = "true") throws {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // Threads of Dispatch block signals, and a child inherits that: only KILL gets through.
        // The pipe's end of file is the only word of a test process that has crashed.
        process.arguments = ["-c", "(\(command)) & child=$!; read line; kill -9 $child; \(atEnd)"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit { stop() }

    func stop() {
        try? input.fileHandleForWriting.close()
        // Foundation learns of the end by a socket that other children may have inherited; the kernel tells it at once.
        var info = siginfo_t()
        while waitid(P_PID, id_t(process.processIdentifier), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    /// What `find` makes of the first line that it knows; nil when the server ends before.
    func waitForLine<Found>(_ find: (String) -> Found?) -> Found? {
        var text = ""
        while true {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { return nil }
            text += String(decoding: data, as: UTF8.self)
            if let found = text.split(separator: "\n").compactMap({ find(String($0)) }).first {
                drain()
                return found
            }
        }
    }

    /// What it goes on to say has to go somewhere, or it would stop.
    private func drain() {
        let output = output.fileHandleForReading
        Thread.detachNewThread { while !output.availableData.isEmpty {} }
    }
}
