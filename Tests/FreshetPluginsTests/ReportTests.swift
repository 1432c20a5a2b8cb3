import FreshetCore
import FreshetKit
import Testing

@testable import FreshetPlugins

@Suite struct `A report` {
    private func message(_ method: String, _ parameters: String = "{}") -> String {
        #"{"__dagster_pipes_version": "0.1", "method": "\#(method)", "params": \#(parameters)}"#
    }

    private func made(_ asset: String) -> String {
        message("report_asset_materialization", #"{"asset_key": "\#(asset)", "data_version": "1", "metadata": null}"#)
    }

    @Test func `that names an asset twice is worthless`() {
        var report = PipesReport()
        _ = report.take(line: made("a"))
        _ = report.take(line: made("a"))
        #expect(report.faults == ["'a' was reported as materialized twice"])
    }

    @Test(arguments: ["garbage", "{}", "[1]", #"{"method": "log"}"#, "\u{0}"])
    func `goes on after a line that is no message`(line: String) {
        var report = PipesReport()
        let effects = report.take(line: line)
        #expect(effects.count == 1 && "\(effects)".contains("warning"))
        _ = report.take(line: made("a"))
        #expect(report.materializations["a"]?.version == "1" && report.faults == [])
    }

    @Test func `leaves out a method that it does not know, and says so`() {
        var report = PipesReport()
        #expect(
            report.take(line: message("report_weather")) == [
                .log(.warning, "the message 'report_weather' is not known and was left out")
            ]
        )
    }

    @Test func `says once that it is of another version`() {
        var report = PipesReport()
        let line = message("log", #"{"message": "x", "level": "DEBUG"}"#).replacing("0.1", with: "9.9")
        #expect(report.take(line: line).count == 2)
        #expect(report.take(line: line) == [.log(.debug, "x")])
    }

    @Test func `takes a message of a megabyte`() {
        var report = PipesReport()
        let text = String(repeating: "x", count: 1 << 20)
        #expect(report.take(line: message("log", #"{"message": "\#(text)"}"#)) == [.log(.info, text)])
    }

    @Test func `understands what rides on custom messages, and collects the others`() {
        var report = PipesReport()
        func custom(_ payload: String) {
            _ = report.take(line: message("report_custom_message", #"{"payload": \#(payload)}"#))
        }
        custom(#"{"freshet": 1, "op": "skip", "asset_key": "a", "reason": "42 unchanged"}"#)
        custom(
            #"{"freshet": 1, "op": "observe", "asset_key": "b", "data_version": 7, "metadata": {"dagster/row_count": {"raw_value": 42, "type": "int"}}}"#
        )
        custom(#"{"freshet": 1, "op": "cursor", "value": "2026-11-20"}"#)
        custom(#"{"any": ["json"]}"#)
        #expect(report.skips == ["a": "42 unchanged"])
        #expect(report.observations["b"]?.version == "7")
        #expect(report.observations["b"]?.metadata.observed == ["row_count": .integer(42)])
        #expect(report.cursor == "2026-11-20")
        #expect(report.customMessages.count == 4)
    }

    @Test func `tells how far the work is`() {
        var report = PipesReport()
        let payload = #"{"payload": {"freshet": 1, "op": "progress", "name": "load", "done": 3, "total": 10}}"#
        #expect(
            report.take(line: message("report_custom_message", payload)) == [
                .progress(name: "load", status: .running, message: nil, details: ["done": 3, "total": 10])
            ]
        )
    }

    @Test func `takes a boolean for a boolean and a float for a float`() {
        let metadata = PipesMetadata([
            "a": ["raw_value": true, "type": "__infer__"], "b": ["raw_value": 1, "type": "float"],
        ])
        #expect(metadata.values["a"]?.type == "bool")
        #expect(metadata.details == ["a": true, "b": 1, "metadata_types": ["b": "float"]])
    }
}

@Suite struct `A program's end` {
    private let plugin = try! TestPlugin(program: "pass")  // Its text is right.

    private func outcome(
        _ lines: [String],
        _ exit: ProcessExit = ProcessExit(.exited(0)),
        kind: String = "tried.make",
        previous: Materialization? = nil
    ) -> StepOutcome {
        var report = PipesReport()
        for line in lines { _ = report.take(line: line) }
        let verdict = PluginVerdict(
            entry: plugin.manifest[kind: kind]!,
            limits: plugin.manifest.limits.process,
            asset: "a",
            previous: previous
        )
        return verdict.outcome(PluginResult(report: report, exit: exit, lastErrors: ["oops"]))
    }

    private func message(_ method: String, _ parameters: String) -> String {
        #"{"__dagster_pipes_version": "0.1", "method": "\#(method)", "params": \#(parameters)}"#
    }
    private var made: String { message("report_asset_materialization", #"{"asset_key": "a", "data_version": "2"}"#) }
    private var skipped: String {
        message(
            "report_custom_message",
            #"{"payload": {"freshet": 1, "op": "skip", "asset_key": "a", "reason": "same"}}"#
        )
    }
    private func check(_ severity: String, _ passed: Bool) -> String {
        message(
            "report_asset_check",
            #"{"asset_key": "a", "check_name": "c", "passed": \#(passed), "severity": "\#(severity)", "metadata": null}"#
        )
    }
    private func failure(_ outcome: StepOutcome) -> StepFailure? {
        if case .failed(let failure) = outcome { failure } else { nil }
    }

    @Test func `with a materialization is its version`() {
        #expect(outcome([made]) == .succeeded(StepSuccess(version: "2")))
    }

    @Test func `with a skip keeps the version that there was`() {
        #expect(
            outcome([skipped], previous: lastSuccess)
                == .succeeded(StepSuccess(version: "before", details: ["unchanged": "same"]))
        )
    }

    @Test func `with a skip and a materialization is believed neither`() {
        #expect(failure(outcome([made, skipped]))?.message.contains("made and as skipped") == true)
    }

    @Test func `without a word is a failure, unless it was declared otherwise`() {
        #expect(failure(outcome([]))?.message.contains("on_silent_success") == true)
    }

    @Test func `with another asset's result is a failure`() {
        let other = message("report_asset_materialization", #"{"asset_key": "b"}"#)
        #expect(failure(outcome([made, other]))?.message.contains("'b'") == true)
    }

    @Test func `with a status is a failure, whatever was reported`() {
        let failure = failure(outcome([made], ProcessExit(.exited(3))))
        #expect(failure?.code == .remoteFailed && failure?.message == "it ended with status 3: oops")
        #expect(failure?.details["stderr"] == ["oops"])
    }

    @Test func `by a signal is a failure that names it`() {
        #expect(failure(outcome([made], ProcessExit(.signalled(11))))?.message == "it ended by signal 11: oops")
    }

    @Test func `with an exception is a failure even with status 0`() {
        let closed = message("closed", #"{"exception": {"message": "E: x\n", "stack": [], "name": "E"}}"#)
        #expect(failure(outcome([made, closed]))?.message == "E: x")
    }

    @Test func `with a failed check fails by its severity`() {
        #expect(failure(outcome([made, check("ERROR", false)]))?.code == .checkFailed)
        #expect(failure(outcome([made, check("ERROR", false)]))?.checks.count == 1)
        if case .succeeded(let success) = outcome([made, check("WARN", false)]) {
            #expect(success.checks.map(\.isPassed) == [false])
        } else {
            Issue.record("a warning does not fail")
        }
    }

    @Test func `of a check needs a result`() {
        #expect(failure(outcome([made], kind: "tried.check"))?.message == "it reported no check")
        #expect(failure(outcome([check("ERROR", true)], kind: "tried.check")) == nil)
        #expect(failure(outcome([check("ERROR", false)], kind: "tried.check"))?.code == .checkFailed)
    }

    @Test(arguments: [
        (ProcessExit.End.timedOut, FailureCode.timedOut), (.overMemory, .remoteFailed), (.overProcesses, .remoteFailed),
    ])
    func `beyond a limit is a failure that names the limit`(end: ProcessExit.End, code: FailureCode) {
        let failure = failure(outcome([made], ProcessExit(.signalled(9), end: end)))
        #expect(failure?.code == code && failure?.message.contains("limit") == true)
    }

    @Test func `that was asked for is a cancellation`() {
        let outcome = outcome([], ProcessExit(.signalled(2), end: .stopped))
        guard case .cancelled(let cancellation) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(cancellation.isRemoteStopped)
    }
}
