import Foundation
import FreshetCore
import FreshetKit
import Synchronization
import Testing

@testable import FreshetPlugins

/// Scripts as their authors write them, with the package dagster-pipes from PyPI, unmodified.
@Suite(.enabled(if: Place.pipes != nil, "scripts/setup tests has not installed dagster-pipes"))
struct `The unmodified package dagster-pipes` {
    private static let script = """
        import sys
        from dagster_pipes import open_dagster_pipes

        with open_dagster_pipes() as pipes:
            word = pipes.get_extra("word")
            print("printed")
            print("complained", file=sys.stderr)
            pipes.log.info("hello %s from %s", pipes.asset_key, word)
            pipes.log.warning("careful")
            if word == "fail":
                try:
                    1 / 0
                except ZeroDivisionError as error:
                    raise ValueError("bad input") from error
            if word == "skip":
                pipes.report_custom_message({"freshet": 1, "op": "skip", "reason": "nothing new"})
            else:
                before = pipes.provenance
                pipes.report_asset_check("row_count_positive", passed=word != "wrong", metadata={"rows": 42})
                pipes.report_asset_materialization(
                    metadata={"rows": 42, "ratio": float("nan"), "retry": pipes.retry_number,
                              "before": str(before["input_data_versions"] if before else None)},
                    data_version="v1")
            if word == "exit":
                sys.exit(3)
        """

    private func made(_ word: String, transport: String = "file") async throws -> TestPlugin.Made {
        let plugin = try TestPlugin(program: Self.script, more: "transport: \(transport)")
        return try await plugin.make("tried.make", ["word": .text(word)], previous: lastSuccess)
    }

    @Test(arguments: PipesTransport.allCases) func `materializes, checks and logs`(transport: PipesTransport)
        async throws
    {
        let made = try await made("hello", transport: transport.rawValue)
        let success = try #require(made.success, "\(made.outcome)\n\(made.lines)")
        #expect(success.version == "v1")
        #expect(success.details["rows"] == 42 && success.details["ratio"] == "NaN")
        #expect(success.details["before"] == "{'raw/orders': '7'}")
        #expect(success.checks.map(\.name) == ["row_count_positive"])
        let messages = made.lines.map(\.message)
        #expect(messages.contains("hello semantic_model/sales from hello"))
        #expect(messages.contains { $0.contains("printed") } && messages.contains { $0.contains("complained") })
        #expect(made.lines.contains { $0.level == .warning && $0.message == "careful" })
    }

    @Test func `skips`() async throws {
        let success = try #require(try await made("skip").success)
        #expect(success.version == "before" && success.details["unchanged"] == "nothing new")
    }

    @Test func `fails, with the whole stack`() async throws {
        let failure = try #require(try await made("fail").failure)
        #expect(failure.message == "ValueError: bad input")
        #expect(failure.details["exception"]?["cause"]?["name"] == "ZeroDivisionError")
        #expect(failure.details["exception"]?["stack"]?.list?.isEmpty == false)
    }

    @Test func `fails a check`() async throws {
        let failure = try #require(try await made("wrong").failure)
        #expect(failure.code == .checkFailed && failure.message.contains("row_count_positive (rows 42)"))
    }

    @Test func `ends with a status`() async throws {
        // SystemExit is no exception to the library: it escapes as the status alone.
        let failure = try #require(try await made("exit").failure)
        #expect(failure.code == .remoteFailed, "\(failure)")
    }

    @Test func `is interrupted as from a terminal`() async throws {
        let stop = StopSignal()
        let plugin = try TestPlugin(
            program: """
                import time
                from dagster_pipes import open_dagster_pipes
                with open_dagster_pipes() as pipes:
                    pipes.log.info("ready")
                    try:
                        time.sleep(600)
                    finally:
                        pipes.log.info("tidied up")
                """,
            limits: "{time: 60s, grace: 20s}"
        )
        let made = try await plugin.make(stop: stop) { if $0 == "ready" { stop.raise(.cancelled) } }
        guard case .cancelled = made.outcome else {
            Issue.record("\(made.outcome)")
            return
        }
        #expect(made.lines.contains { $0.message == "tidied up" })
    }

    @Test func `is a probe where it says what it made`() async throws {
        let plugin = try TestPlugin(
            program: """
                from dagster_pipes import open_dagster_pipes
                with open_dagster_pipes() as pipes:
                    cursor = pipes.get_extra("freshet_cursor")
                    pipes.report_asset_materialization(data_version="v" + (cursor or "0"), metadata={"dagster/row_count": 5})
                    pipes.report_custom_message({"freshet": 1, "op": "cursor", "value": (cursor or "") + "x"})
                """
        )
        let probe = PluginProbe(plugin.manifest, plugin.manifest[kind: "tried.look"]!, TestPlugin.settings([:]))
        let (first, cursor) = try await probe.observe("raw/a", from: nil, in: plugin.context())
        let (second, next) = try await probe.observe("raw/a", from: cursor, in: plugin.context())
        #expect(first.version == .known("v0") && first.values == ["row_count": .integer(5)])
        #expect(second.version == .known("vx") && next == "xx")
        #expect(first.source == "tried")
    }
}

@Suite(.enabled(if: Place.python != nil, "no Python")) struct `A plugin` {
    /// What every program of these tests begins with: the protocol without any package.
    private static let prelude = """
        import base64, json, os, sys, time, zlib
        def parameters(name):
            return json.loads(zlib.decompress(base64.b64decode(os.environ["DAGSTER_PIPES_" + name])))
        context = json.load(open(parameters("CONTEXT")["path"]))
        def say(method, **params):
            with open(parameters("MESSAGES")["path"], "a") as file:
                file.write(json.dumps({"__dagster_pipes_version": "0.1", "method": method, "params": params}) + "\\n")
        def freshet(op, **what):
            say("report_custom_message", payload={"freshet": 1, "op": op, **what})
        asset = (context["asset_keys"] or [None])[0]
        def made(version="1", **metadata):
            say("report_asset_materialization", asset_key=asset, data_version=version, metadata=metadata)
        say("opened", extras={})

        """

    private func plugin(_ program: String, limits: String? = nil, more: String = "") throws -> TestPlugin {
        let program = Self.prelude + program
        guard let limits else { return try TestPlugin(program: program, more: more) }
        return try TestPlugin(program: program, limits: limits, more: more)
    }

    @Test func `sees nothing of the environment but what is declared`() async throws {
        let plugin = try plugin(
            "made(names={'raw_value': ' '.join(sorted(os.environ)), 'type': 'text'})\nsay('closed')"
        )
        let success = try #require(try await plugin.make().success)
        let names = success.details["names"]?.text?.split(separator: " ").map(String.init) ?? []
        let expected: Set<String> = [
            "DAGSTER_PIPES_CONTEXT", "DAGSTER_PIPES_MESSAGES", "FRESHET_CONTAINED", "HOME", "LANG", "OTHER", "PATH",
            "TMPDIR", "TZ",
        ]
        // Python itself may add this one.
        #expect(Set(names).subtracting(["LC_CTYPE"]) == expected)
    }

    @Test func `reads secrets from descriptors, and cannot tell them on`() async throws {
        let plugin = try plugin(
            """
            key = open(os.environ["API_KEY"]).read()
            print("the key is " + key, "in", os.environ["API_KEY"])
            say("log", message="key " + base64.b64encode(key.encode()).decode(), level="INFO")
            everything = open("/proc/self/environ").read() + open("/proc/self/cmdline").read() + json.dumps(context)
            made(leaks={"raw_value": key in everything, "type": "bool"}, key={"raw_value": key, "type": "text"})
            say("closed")
            """,
            more: "secrets: {API_KEY: \"${secret:env/KEY}\"}"
        )
        let made = try await plugin.make()
        let success = try #require(made.success, "\(made.outcome)")
        #expect(success.details["leaks"] == false)
        #expect(success.details["key"] == "[redacted]")
        #expect(!"\(made)".contains("s3cretvalue"))
        #expect(made.lines.contains { $0.message.hasPrefix("the key is [redacted] in /proc/self/fd/") })
    }

    @Test func `is a sensor that sees many assets from its cursor`() async throws {
        let plugin = try plugin(
            """
            extras = context["extras"]
            if extras["freshet_operation"] == "discover":
                for name in ["a", "b"]:
                    freshet("asset", asset_key=name, description="the asset " + name, owners=["data@retail"])
            elif extras["freshet_cursor"] == "2":
                freshet("skip", reason="no news")
            else:
                freshet("observe", asset_key="a", data_version="1")
                freshet("observe", asset_key="tried.all/b", missing=True)
                freshet("cursor", value=2)
            say("closed")
            """
        )
        let source = try PluginSource(plugin.manifest, plugin.manifest[kind: "tried.all"]!, TestPlugin.settings([:]))
        #expect(source.prefix == "tried.all/" && source.every == .seconds(5))
        let specs = try await source.discover(plugin.context())
        #expect(specs.map(\.key) == ["tried.all/a", "tried.all/b"])
        #expect(specs[0].labels.description == "the asset a" && specs[0].isObserved)
        let first = try await source.tick(SensorContext(cursor: nil, probe: plugin.context()))
        #expect(first.cursor == "2" && first.observations.count == 2)
        #expect(first.observations["tried.all/a"]?.version == .known("1"))
        #expect(first.observations["tried.all/b"]?.version == .missing)
        let second = try await source.tick(SensorContext(cursor: first.cursor, probe: plugin.context()))
        #expect(second.cursor == "2" && second.observations.isEmpty && second.message == "no news")
    }

    @Test func `that is a probe and fails leaves the version unknown, with its reason`() async throws {
        let plugin = try plugin("sys.exit('no warehouse')")
        let probe = PluginProbe(plugin.manifest, plugin.manifest[kind: "tried.look"]!, TestPlugin.settings([:]))
        let error = await #expect(throws: PluginFailure.self) {
            try await probe.observe("raw/a", from: nil, in: plugin.context())
        }
        #expect("\(error!)" == "the plugin tried: it ended with status 1: no warehouse")
    }

    @Test func `that is a probe and says nothing, or no version, is unknown`() async throws {
        for program in ["say('closed')", "freshet('observe', asset_key=asset)\nsay('closed')"] {
            let plugin = try plugin(program)
            let probe = PluginProbe(plugin.manifest, plugin.manifest[kind: "tried.look"]!, TestPlugin.settings([:]))
            #expect(try await probe.observe("raw/a", in: plugin.context(previous: .known("1"))).version == .unknown)
        }
    }

    @Test func `reports its parts while it works`() async throws {
        let plugin = try plugin(
            """
            freshet("progress", name="load", status="running")
            freshet("progress", name="load", status="succeeded", message="3 files")
            made()
            say("closed")
            """
        )
        let parts = try await plugin.make().parts
        // What is read together is told together, by its last word.
        #expect(
            [[.running, .succeeded], [.succeeded]].contains(parts.map(\.status)) && parts.last?.message == "3 files"
        )
    }

    @Test func `may write its last message without an end of line`() async throws {
        let plugin = try plugin(
            "made('7')\npath = parameters('MESSAGES')['path']\ntext = open(path).read()\nopen(path, 'r+').truncate(len(text) - 1)"
        )
        #expect(try await plugin.make().success?.version == "7")
    }

    @Test func `that crashes ends its step alone`() async throws {
        let plugin = try plugin("made()\nos.abort()")
        #expect(try await plugin.make().failure?.message.hasPrefix("it ended by signal 6") == true)
    }

    @Test func `that reports without end is stopped`() async throws {
        let plugin = try plugin(
            "while True: say('log', message='x' * 100000, level='DEBUG')",
            limits: "{time: 60s, grace: 1s, messages: 3MB}"
        )
        #expect(try await plugin.make().failure?.message.contains("reported more than its limit") == true)
    }

    @Test func `whose program everybody could change is not run`() async throws {
        let plugin = try plugin("made()")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o666],
            ofItemAtPath: plugin.manifest.folder + "/main.py"
        )
        let failure = try #require(try await plugin.make().failure)
        #expect(failure.code == .configuration && failure.retry == .never && failure.message.contains("chmod o-w"))
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: ["os.mkfifo(path)", "open(path, 'w').close()", "os.symlink('/dev/zero', path)"]
    )
    func `that replaces its messages file is stopped`(replacement: String) async throws {
        let plugin = try plugin(
            "path = parameters('MESSAGES')['path']\nos.unlink(path)\n\(replacement)\ntime.sleep(600)"
        )
        let failure = try #require(try await plugin.make().failure)
        #expect(failure.code == .remoteFailed && failure.message.contains("in the place of its messages file"))
    }

    @Test func `that removes its messages file at its end has reported`() async throws {
        let plugin = try plugin("made('9')\nsay('closed')\nos.unlink(parameters('MESSAGES')['path'])")
        #expect(try await plugin.make().success?.version == "9")
    }

    @Test func `puts so many lines on record, whatever they come by`() async throws {
        let plugin = try plugin(
            """
            for number in range(1500):
                print(number)
                sys.stdout.flush()
            path = parameters("MESSAGES")["path"]
            with open(path, "a") as file:
                for number in range(1500):
                    file.write(json.dumps({"__dagster_pipes_version": "0.1", "method": "log",
                                           "params": {"message": "m", "level": "INFO"}}) + "\\n")
            for number in range(3000):
                freshet("progress", name=str(number % 600), status="running")
            made()
            say("closed")
            """
        )
        let made = try await plugin.make()
        #expect(made.success != nil)
        #expect(made.lines.count == 2001)
        #expect(made.lines.contains { $0.message.contains("more than 2000 lines") })
        #expect(Set(made.parts.map(\.name)).count == 500)
    }

    @Test func `whose folder everybody could change is not run`() async throws {
        let plugin = try plugin("made()")
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: plugin.manifest.folder)
        let failure = try #require(try await plugin.make().failure)
        #expect(
            failure.code == .configuration && failure.message.contains("everybody can write \(plugin.manifest.folder),")
        )
    }

    @Test(.enabled(if: geteuid() == 0, "only root gives a file to a group"))
    func `whose program another group could change is not run`() async throws {
        let plugin = try plugin("made()\nsay('closed')")
        let program = plugin.manifest.folder + "/main.py"
        try FileManager.default.setAttributes([.posixPermissions: 0o664], ofItemAtPath: program)
        #expect(try await plugin.make().success != nil)
        #expect(chown(program, 0, 4242) == 0)
        let failure = try #require(try await plugin.make().failure)
        #expect(failure.code == .configuration && failure.message.contains("the group 4242 can write \(program)"))
    }

    @Test func `is not started with a path that everybody could change`() async throws {
        let plugin = try TestPlugin(
            program: "pass",
            command: "[python3, \"{script}\"]",
            entries: "kinds: [{kind: tried.run, summary: x, fields: {script: {type: path}}}]"
        )
        let script = plugin.root + "/x.py"
        try Data((Self.prelude + "made()\nsay('closed')").utf8).write(to: URL(filePath: script))
        let made = try await plugin.make("tried.run", ["script": .text("x.py")])
        #expect(made.success != nil, "\(made.outcome)")
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: script)
        let failure = try #require(try await plugin.make("tried.run", ["script": .text("x.py")]).failure)
        #expect(failure.code == .configuration && failure.message.contains("everybody can write \(script),"))
    }

    @Test func `that was lost with its keeper is tried again`() async throws {
        let failure = try #require(try await plugin("made()").make(processes: LostProcesses()).failure)
        #expect(failure.code == .remoteFailed && failure.retry == .later)
    }

    @Test func `has its messages read until its time is over, and no longer`() async throws {
        let path = NSTemporaryDirectory() + "freshet-messages-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try MessagesFile(making: path)
        let line = #"{"__dagster_pipes_version": "0.1", "method": "log", "params": {"message": "m", "level": "INFO"}}"#
        try Data(String(repeating: line + "\n", count: 5000).utf8).write(to: URL(filePath: path), options: [])
        let told = Atomic<Int>(0)
        let listener = PluginListener(
            file: file,
            transport: .file,
            limit: 1 << 30,
            redactor: Redactor(),
            isOverdue: { told.load(ordering: .relaxed) >= 10 }
        ) { _ in told.add(1, ordering: .relaxed) }
        #expect(await listener.drain() == false)
        #expect(told.load(ordering: .relaxed) == 10)
        #expect(listener.result(ProcessExit(.exited(0))).trouble == .unread)
    }

    @Test func `leaves no file behind`() async throws {
        let plugin = try plugin(
            "open(os.environ['HOME'] + '/big', 'w').write('x' * 1000)\nmade(home={'raw_value': os.environ['HOME'], 'type': 'text'})\nsay('closed')"
        )
        let home = try #require(try await plugin.make().success?.details["home"]?.text)
        #expect(!FileManager.default.fileExists(atPath: home))
    }

    /// One forks, one hangs, one floods, one crashes, at once; beside them one works.
    @Test func `harms nothing else, whatever it does`() async throws {
        let marker = "freshet-marker-\(UUID().uuidString)"
        let fork = try plugin(
            """
            sys.argv.append("\(marker)")
            for _ in range(8):  # 256 at most, were nobody to stop it
                os.fork()
            time.sleep(600)
            """,
            limits: "{time: 60s, grace: 1s, processes: 100}"
        )
        let hang = try plugin(
            """
            import signal
            for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)
            if os.fork() == 0:
                os.setsid()
                if os.fork(): os._exit(0)
            time.sleep(600)
            """,
            limits: "{time: 1s, grace: 1s}"
        )
        let flood = try plugin(
            "made()\nsay('closed')\nblock = b'y' * 1000000\nfor _ in range(1000): sys.stdout.buffer.write(block)",
            limits: "{time: 120s, output: 1MB}"
        )
        let crash = try plugin("os.kill(os.getpid(), 11)")
        let good = try plugin("for _ in range(20): time.sleep(0.05)\nmade('good')\nsay('closed')")
        async let outcomes = (fork.make(), hang.make(), flood.make(), crash.make(), good.make())
        let (forked, hung, flooded, crashed, made) = try await outcomes
        #expect(forked.failure?.message.contains("processes") == true, "\(forked.outcome)")
        #expect(hung.failure?.code == .timedOut, "\(hung.outcome)")
        #expect(flooded.success?.details["output_dropped_bytes"] == .integer(999_000_000), "\(flooded.outcome)")
        #expect(crashed.failure?.message.hasPrefix("it ended by signal 11") == true)
        #expect(made.success?.version == "good")
        for plugin in [fork, hang, flood, crash] { #expect(try Self.processes(of: plugin.root) == []) }
    }

    /// The processes whose command line names the folder.
    private static func processes(of folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { entry in
            guard Int32(entry) != nil, let line = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline") else {
                return false
            }
            return String(decoding: line, as: UTF8.self).contains(folder)
        }
    }
}

/// Loses each program, as if the system had ended its keeper.
private struct LostProcesses: ProcessLauncher {
    func run(
        _ command: ProcessCommand,
        stop: StopSignal?,
        output: @escaping @Sendable (ProcessOutput) async -> Void
    ) async throws(ProcessError) -> ProcessExit {
        throw .lost(program: command.program, reason: "its keeper ended before it")
    }
}
