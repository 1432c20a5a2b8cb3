import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetPlugins

/// Recordings of the unmodified guest library, played again.
@Suite(.enabled(if: Place.fixtures != nil, "FRESHET_FIXTURES is not set"))
struct `Recordings of dagster-pipes` {
    struct Transcript {
        let value: JSONValue

        init(_ name: String) throws {
            let data = try Data(contentsOf: URL(filePath: Place.fixtures! + "/\(name).json"))
            value = try JSONValue(parsing: data)
        }

        var messages: [String] { (value["messages_file"]?.list ?? []).map { $0.serialized() } }
        func lines(_ stream: String) -> [String] {
            let member = value[stream] ?? value["\(stream)_lines"] ?? .list([])
            return member.text.map { $0.split(separator: "\n").map(String.init) }
                ?? (member.list ?? []).map { $0.text ?? $0.serialized() }
        }
        var exit: ProcessExit { ProcessExit(.exited(Int32(value["exit_code"]?.integer ?? -1))) }
    }

    /// Plays a recording through the whole host: the program writes what was recorded.
    func play(_ name: String, transport: String = "file", asset: AssetKey = "semantic_model/sales") async throws
        -> TestPlugin.Made
    {
        let transcript = try Transcript(name)
        let plugin = try TestPlugin(program: "pass", more: "transport: \(transport)")
        let messages = transcript.messages.map { $0 + "\n" }.joined()
        let output = [ProcessStream.standardOutput, .standardError].flatMap { stream in
            transcript.lines(stream.rawValue).map { ProcessOutput.line(stream, $0) }
        }
        let program = ScriptedProcesses.Program(output: output, exit: .success(transcript.exit)) { command in
            guard let folder = command.workingDirectory else { return }
            let file = FileHandle(forWritingAtPath: folder + "/messages")
            file?.write(Data(messages.utf8))
        }
        return try await plugin.make(asset: asset, processes: ScriptedProcesses([program]))
    }

    @Test func `a whole script: log, check, message and every type of metadata`() async throws {
        let made = try await play("basic_file")
        let success = try #require(made.success, "\(made.outcome)")
        #expect(success.version == "v1")
        #expect(success.details["rows"] == 42)
        #expect(success.details["ratio"]?.number == 0.5)
        #expect(success.details["flag"] == true)
        #expect(success.details["list"] == [1, 2])
        #expect(success.details["metadata_types"]?["url"] == "url")
        #expect(success.details["metadata_types"]?["ts"] == "timestamp")
        #expect(success.details["metadata_types"]?["schema"] == "table_schema")
        #expect(success.details["metadata_types"]?["tbl"] == "table")
        #expect(success.details["metadata_types"]?["lin"] == "table_column_lineage")
        #expect(success.checks.map(\.name) == ["row_count_positive"])
        #expect(success.checks.first?.severity == .warn)
        #expect(success.checks.first?.details["rows"] == 42)
        #expect(made.lines.contains { $0.level == .warning && $0.message == "careful" })
        #expect(made.lines.contains { $0.level == .info && $0.message == "hello semantic_model/sales" })
        #expect(made.lines.contains { $0.message == "plain stdout line" })
    }

    @Test(arguments: [("basic_stdout", "stdout"), ("basic_buffered_stdout", "buffered_stdout")])
    func `messages among the lines of its output`(name: String, transport: String) async throws {
        let made = try await play(name, transport: transport)
        #expect(try #require(made.success, "\(made.outcome)").version == "v1")
        #expect(made.lines.contains { $0.message == "plain stdout line" })
        #expect(!made.lines.contains { $0.message.contains("__dagster_pipes_version") })
    }

    @Test func `output that the guest library sends along, after the last message`() async throws {
        let made = try await play("basic_file_with_stdio", transport: "file_with_output")
        #expect(try #require(made.success, "\(made.outcome)").version == "v1")
        #expect(!made.lines.contains { $0.message.contains("came after the last") })
        #expect(made.lines.contains { $0.message.contains("plain stdout line") })
    }

    @Test func `an exception with what caused it`() async throws {
        let failure = try #require(try await play("fail_file").failure)
        #expect(failure.message == "ValueError: bad input")
        #expect(failure.details["exception"]?["name"] == "ValueError")
        #expect(failure.details["exception"]?["stack"]?.list?.count == 1)
        #expect(failure.details["exception"]?["cause"]?["message"] == "ZeroDivisionError: division by zero")
    }

    @Test func `a script that does not close, which succeeds with a warning`() async throws {
        let made = try await play("noclose_file")
        #expect(made.success != nil || made.failure?.message.contains("reported nothing") == true)
        #expect(made.lines.contains { $0.message.contains("did not close") })
    }

    @Test func `a key with an escape in it`() throws {
        let transcript = try Transcript("multi_file")
        var report = PipesReport()
        for line in transcript.messages { _ = report.take(line: line) }
        #expect(report.faults == [])
        #expect(report.materializations.keys.contains { $0.contains(#"c\/d"#) }, "\(report.materializations.keys)")
    }

    @Test func `a script that stands for no asset`() throws {
        let transcript = try Transcript("no_assets")
        var report = PipesReport()
        for line in transcript.messages { _ = report.take(line: line) }
        #expect(report.isOpened && !report.isClosed && report.faults == [])
    }
}
