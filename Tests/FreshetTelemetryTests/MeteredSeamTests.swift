import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetTelemetry

@Suite struct `A transport that is metered` {
    private let meters = Meters()
    private let base = ScriptedTransport()

    private func send(_ answer: Result<HTTPResponse, HTTPError>) async -> Result<HTTPResponse, HTTPError> {
        base.append(.expect("GET", "x", answer: answer))
        let metered = MeteredTransport(base, service: "other", meters: meters, clock: ManualClock()).serving("s3")
        do throws(HTTPError) { return .success(try await metered.send(HTTPRequest("GET", "http://x"))) } catch {
            return .failure(error)
        }
    }

    @Test func `counts answers by their class, and passes them on`() async throws {
        #expect(try await send(.success(HTTPResponse(status: 204))).get().status == 204)
        #expect(try await send(.success(HTTPResponse(status: 404))).get().status == 404)
        #expect(meters.now.counters[.remoteRequests] == [["s3", "2xx"]: 1, ["s3", "4xx"]: 1])
        #expect(meters.now.histograms[.remoteRequestDuration]?[["s3"]]?.count == 2)
        #expect(meters.now.counters[.remoteThrottled] == nil)
    }

    @Test func `counts what got no answer`() async {
        let failure = HTTPError(.timedOut, mayHaveArrived: true, message: "too long")
        await #expect(throws: failure) { try await send(.failure(failure)).get() }
        #expect(meters.now.counters[.remoteRequests] == [["s3", "error"]: 1])
    }

    @Test func `counts an answer that asks for fewer requests`() async {
        _ = await send(.success(HTTPResponse(status: 429)))
        _ = await send(.success(HTTPResponse(status: 503, headers: ["retry-after": "5"])))
        _ = await send(.success(HTTPResponse(status: 503)))
        #expect(meters.now.counters[.remoteThrottled] == [["s3"]: 2])
    }
}

@Suite struct `Programs that are metered` {
    private struct Ending: ProcessLauncher {
        var exit: ProcessExit?

        func run(
            _ command: ProcessCommand,
            stop: StopSignal?,
            output: @escaping @Sendable (ProcessOutput) async -> Void
        ) async throws(ProcessError) -> ProcessExit {
            guard let exit else { throw .unavailable }
            return exit
        }
    }

    private let meters = Meters()

    private func run(_ words: [String], _ exit: ProcessExit?) async {
        let metered = MeteredProcesses(Ending(exit: exit), folder: "/project/plugins", meters: meters)
        // The figure is what the test is about.
        _ = try? await metered.run(ProcessCommand(words), stop: nil) { _ in }
    }

    @Test func `count how a plugin's programs end`() async {
        let words = ["/usr/bin/python3", "/project/plugins/weather/main.py"]
        await run(words, ProcessExit(.exited(0)))
        await run(words, ProcessExit(.exited(1)))
        await run(words, ProcessExit(.signalled(9), end: .overMemory))
        await run(words, nil)
        let expected = ["succeeded", "failed", "over_memory", "not_run"].map { ["weather", $0] }
        #expect(meters.now.counters[.pluginExits] == Dictionary(uniqueKeysWithValues: expected.map { ($0, 1) }))
    }

    @Test func `are not counted when they are of no plugin`() async {
        await run(["/usr/bin/dbt", "/project/pluginsfolder/x"], ProcessExit(.exited(0)))
        #expect(meters.now.counters[.pluginExits] == nil)
    }
}

@Suite struct `A histogram` {
    @Test func `counts a value in the first bucket that it fits, ends included`() {
        var histogram = Histogram(bounds: [1, 5])
        for value in [0, 1, 1.5, 5, 6, -3] { histogram.observe(value) }
        #expect(histogram.counts == [3, 2])
        #expect(histogram.count == 6)
        #expect(histogram.sum == 13.5)
    }
}
