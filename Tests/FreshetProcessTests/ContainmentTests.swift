import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetProcess

/// The keeper of the tests is built beside them.
let launcher = ContainedProcesses(
    keeper: URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "Keeper").path(),
    arguments: []
)

@Suite struct `Contained programs` {
    let programs = ProcessLauncherConformance(launcher)

    @Test(arguments: ProcessLauncherConformance.checks.indices) func `conform`(index: Int) async {
        let (name, check) = ProcessLauncherConformance.checks[index]
        #expect(await check(programs) == [], "\(name)")
    }

    @Test func `that fork without end are ended with all that they forked`() async throws {
        // Bounded by itself as well: were it not contained, it would stop at a few hundred.
        let bomb = """
            import os, time, sys
            sys.stdout.write("bomb\\n"); sys.stdout.flush()
            for _ in range(9):
                os.fork()
            os.setsid() if os.getpid() % 2 and os.getpgid(0) != os.getpid() else None
            time.sleep(601)
            """
        let command = ProcessCommand(
            ["/usr/bin/python3", "-c", bomb],
            limits: ProcessLimits(time: .seconds(60), processes: 100)
        )
        let outcome = await programs.run(command)
        #expect(outcome.end == .overProcesses)
        #expect(try survivors(of: "time.sleep(601)") == [])
    }

    @Test func `that fill the memory are ended`() async throws {
        let hog = "import time\nparts = []\nwhile True:\n    parts.append(bytearray(8 << 20)); time.sleep(0.01)"
        let limits = ProcessLimits(time: .seconds(60), memory: 200 << 20)
        let outcome = await programs.run(ProcessCommand(["/usr/bin/python3", "-c", hog], limits: limits))
        // Either the system refuses it the memory, or the keeper sees that it has too much.
        #expect(outcome.end == .overMemory || outcome.output.contains { "\($0)".contains("MemoryError") })
        #expect(try outcome.exit.get().isSuccess == false)
    }

    @Test func `that fill the memory together are ended`() async throws {
        let hog = """
            import os, time
            for _ in range(3): os.fork()
            part = bytearray(os.urandom(60 << 20))
            time.sleep(600)
            """
        let limits = ProcessLimits(time: .seconds(60), memory: 200 << 20)
        let outcome = await programs.run(ProcessCommand(["/usr/bin/python3", "-c", hog], limits: limits))
        #expect(outcome.end == .overMemory)
    }

    @Test func `that write without end cost no memory`() async throws {
        let before = try residentKiB()
        let limits = ProcessLimits(time: .seconds(120), output: 1 << 20)
        // Alone in its process, it can also tell by the memory of that process.
        let isAlone = ProcessInfo.processInfo.environment["FRESHET_BIG_OUTPUT"] != nil
        let gigabytes = isAlone ? 10 : 1
        let outcome = await programs.shell("yes | head -c \(gigabytes)G", limits: limits)
        #expect(outcome.status == .exited(0))
        #expect(try outcome.exit.get().droppedBytes == Int64(gigabytes) << 30 - 1 << 20)
        let kept = outcome.output.reduce(0) { sum, line in
            if case .line(_, let text) = line { sum + text.utf8.count + 1 } else { sum }
        }
        #expect(kept < 2 << 20)
        if isAlone { #expect(try residentKiB() - before < 50_000) }
    }

    @Test func `are given no descriptor but their own`() async {
        let outcome = await programs.shell("ls /proc/self/fd")
        // The last one is the folder that ls reads.
        #expect(outcome.lines == ["0", "1", "2", "3"])
    }

    @Test func `cannot gain privileges, dump core or write without end`() async {
        let limits = ProcessLimits(time: .seconds(60), openFiles: 50, fileSize: 1 << 20)
        let outcome = await programs.shell(
            "grep NoNewPrivs /proc/self/status; ulimit -c; ulimit -n; head -c 2M /dev/zero > /tmp/freshet-test-$$; "
                + "echo $?; wc -c < /tmp/freshet-test-$$; rm /tmp/freshet-test-$$",
            limits: limits
        )
        #expect(outcome.lines.prefix(3) == ["NoNewPrivs:\t1", "0", "50"])
        #expect(outcome.lines.last == "1048576")
    }

    @Test func `die with the process that runs them`() async throws {
        // The pipe from the daemon ends: this is all that a keeper sees of a daemon that was killed.
        let keeper = Process()
        keeper.executableURL = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "Keeper")
        let input = Pipe()
        let output = Pipe()
        keeper.standardInput = input
        keeper.standardOutput = output
        try keeper.run()
        let script = "trap '' TERM; (setsid sh -c 'echo up; sleep 4242' &); sleep 4242"
        let request = KeeperRequest(
            command: ProcessCommand(["/bin/sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"]),
            token: "test"
        )
        try input.fileHandleForWriting.write(contentsOf: Data(request.bytes))
        #expect(output.fileHandleForReading.availableData.count > 0)
        try input.fileHandleForWriting.close()
        let rest = try output.fileHandleForReading.readToEnd() ?? Data()
        #expect(String(decoding: rest, as: UTF8.self).contains("signalled 9 stopped"))
        #expect(try survivors(of: "sleep\u{0}4242") == [])
    }

    @Test func `are swept away when their keeper is killed`() async throws {
        let script = "(setsid sh -c 'echo up; trap \"\" TERM; sleep 4343' &); kill -9 $PPID; sleep 4343"
        let outcome = await programs.shell(script)
        guard case .failure(.lost) = outcome.exit else {
            Issue.record("it should have been lost: \(outcome)")
            return
        }
        try await eventually { try survivors(of: "sleep\u{0}4343") == [] }
    }

    @Test(.timeLimit(.minutes(2))) func `are ended at their limit though their keeper was stopped`() async throws {
        let script = "(setsid sh -c 'trap \"\" TERM; sleep 4545' &); kill -STOP $PPID; sleep 4545"
        let limits = ProcessLimits(time: .seconds(1), grace: .seconds(1))
        let outcome = await programs.shell(script, limits: limits)
        #expect(outcome.end == .timedOut)
        try await eventually { try survivors(of: "sleep\u{0}4545") == [] }
    }

    @Test(.timeLimit(.minutes(2))) func `are stopped though their keeper was stopped`() async throws {
        let stop = StopSignal()
        // What the program says reaches nobody once its keeper is stopped.
        let sign = FileManager.default.temporaryDirectory.appending(path: "freshet-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: sign) }
        let command = ProcessCommand(
            ["/bin/sh", "-c", "kill -STOP $PPID; touch \(sign); sleep 4646"],
            environment: ["PATH": "/usr/bin:/bin"],
            limits: ProcessLimits(grace: .seconds(1))
        )
        async let running = launcher.run(command, stop: stop) { _ in }
        try await eventually { FileManager.default.fileExists(atPath: sign) }
        stop.raise(.cancelled)
        #expect(try await running.end == .stopped)
        try await eventually { try survivors(of: "sleep\u{0}4646") == [] }
    }

    @Test func `are marked for what they are`() {
        #expect(
            ProcessTree.parse(Array("17 (a) b) c) S 4 ".utf8) + Array(String(repeating: "1 ", count: 30).utf8), 17)?
                .parent == 4
        )
        #expect(ProcessTree.parse(Array("17 (cut".utf8), 17) == nil)
    }

    @Test func `get a request as it was meant`() {
        let command = ProcessCommand(
            ["a b", "", "\"\n\u{0}"],
            environment: ["X": "=", "Y": "ü\n"],
            workingDirectory: "/tmp",
            input: [0, 255],
            files: [ProcessFile(variable: "F", contents: [1, 2, 3])],
            limits: ProcessLimits(time: .seconds(3), memory: 5, processes: 6, output: 0),
            interrupts: true
        )
        let request = KeeperRequest(command: command, token: "t")
        #expect(KeeperRequest(request.bytes.dropFirst(4)) == request)
        #expect(KeeperRequest(request.bytes.dropFirst(4).dropLast(9)) == nil)
    }

    @Test func `have their lines cut where they are too long`() {
        var splitter = LineSplitter()
        let long = [UInt8](repeating: 65, count: LineSplitter.longest + 10)
        #expect(splitter.add(long[...]).map(\.utf8.count) == [LineSplitter.longest])
        #expect(splitter.add(Array("B\r\n\nrest".utf8)[...]) == [String(repeating: "A", count: 10) + "B", ""])
        #expect(splitter.flush(.standardError) == [.line(.standardError, "rest")])
    }

    @Test(arguments: [1, 4, 8, 9]) func `have secrets taken out before their lines are cut`(before: Int) {
        let redactor = Redactor()
        redactor.learn("s3cretvalue")
        var splitter = LineSplitter(redactor)
        let text = String(repeating: "A", count: LineSplitter.longest - before) + "s3cretvalue"
        var pieces: [String] = []
        // As pipes give it: in parts.
        let bytes = Array((text + String(repeating: "B", count: 100) + "\nnext\n").utf8)
        for start in stride(from: 0, to: bytes.count, by: 1000) {
            pieces += splitter.add(bytes[start..<min(start + 1000, bytes.count)])
        }
        let line = text.replacing("s3cretvalue", with: "[redacted]") + String(repeating: "B", count: 100)
        #expect(pieces.count == 3 && pieces.dropLast().joined() == line && pieces.last == "next")
        #expect(pieces.first?.utf8.count == LineSplitter.longest)
    }
}

/// The numbers of processes whose command line holds this text.
func survivors(of text: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { entry in
        guard Int32(entry) != nil, let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline") else {
            return false
        }
        return String(decoding: line, as: UTF8.self).contains(text)
    }
}

/// Looks again until it holds; what has been killed needs a moment to go.
func eventually(_ holds: () throws -> Bool) async throws {
    for _ in 0..<500 where try !holds() { try await Task.sleep(for: .milliseconds(10)) }
    #expect(try holds())
}

func residentKiB() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
}
