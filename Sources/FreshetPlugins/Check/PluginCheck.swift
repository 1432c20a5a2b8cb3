internal import FreshetCore
package import FreshetKit

/// Tries a plugin out: its program, what it requires, and its own tests.
package struct PluginCheck: Sendable {
    private let manifest: PluginManifest
    private let surroundings: Surroundings
    private let decode: @Sendable (_ settings: Settings, _ fields: [Field]) -> Result<Settings, Diagnostic>

    /// - Parameters:
    ///   - manifest: the plugin's.
    ///   - surroundings: what its programs are run with.
    ///   - decode: gives the values of a test the types that the kind's fields ask for.
    package init(
        _ manifest: PluginManifest,
        _ surroundings: Surroundings,
        decode: @escaping @Sendable (_ settings: Settings, _ fields: [Field]) -> Result<Settings, Diagnostic>
    ) {
        self.manifest = manifest
        self.surroundings = surroundings
        self.decode = decode
    }

    /// What was found, in the order in which it should be read.
    package func findings() async -> [Finding] {
        var findings = programs()
        let isRunnable = !findings.contains { $0.verdict == .fail }
        let missing = isRunnable ? await requirements() : nil
        if let missing { findings.append(missing) }
        if manifest.tests.isEmpty {
            findings.append(
                Finding("tests", .warn, "it has no tests", mend: "add 'tests:' to its plugin.yaml, see docs/plugins.md")
            )
        }
        for test in manifest.tests {
            if !isRunnable || missing != nil {
                findings.append(Finding("test", .skipped, "\(test.name): its program cannot be run here"))
            } else {
                findings.append(await run(test))
            }
        }
        return findings
    }

    private func programs() -> [Finding] {
        let commands = [manifest.command] + manifest.entries.compactMap(\.command)
        var findings: [Finding] = []
        for word in Set(commands.flatMap { $0 }).sorted() where word.hasPrefix("./") {
            let path = manifest.folder + word.dropFirst(1)
            if let problem = PluginFolder.problem(of: path, in: manifest.folder) {
                findings.append(Finding("program", .fail, problem))
            } else if commands.contains(where: { $0.first == word }), !PluginFolder.isExecutable(path) {
                findings.append(
                    Finding("program", .fail, "\(word) may not be executed", mend: "run 'chmod +x' on \(path)")
                )
            } else {
                findings.append(Finding("program", .ok, word))
            }
        }
        return findings
    }

    /// The first requirement that is not met.
    private func requirements() async -> Finding? {
        for words in manifest.requires {
            var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
            for (name, text) in manifest.environment {
                // What cannot be resolved is told by the tests, which need it.
                if let value = try? await surroundings.secrets.resolve(text) { environment[name] = value }
            }
            let said = LastLine()
            let shown = words.joined(separator: " ")
            do throws(ProcessError) {
                let exit = try await surroundings.processes.run(
                    ProcessCommand(
                        words,
                        environment: environment,
                        workingDirectory: manifest.folder,
                        limits: manifest.limits.process
                    ),
                    stop: nil
                ) { await said.take($0) }
                guard !exit.isSuccess else { continue }
                let reason = await said.text
                return Finding("requires", .skipped, "\(shown): \(reason.isEmpty ? "it fails" : reason)")
            } catch {
                return Finding("requires", .skipped, "\(error)")
            }
        }
        return nil
    }

    private actor LastLine {
        private(set) var text = ""

        func take(_ output: ProcessOutput) {
            if case .line(_, let line) = output, !line.isEmpty { text = line.printable }
        }
    }

    // MARK: Tests

    private func run(_ test: PluginTest) async -> Finding {
        guard let entry = manifest[kind: test.kind] else { return Finding("test", .fail, "\(test.name): no such kind") }
        let settings: Settings
        switch decode(test.settings, entry.fields.map(\.field)) {
        case .success(let decoded): settings = decoded
        case .failure(let diagnostic):
            return Finding(
                "test",
                .fail,
                "\(test.name): \(diagnostic.origin): \(diagnostic.message)",
                mend: diagnostic.hint
            )
        }
        var manifest = manifest
        manifest.secrets.merge(test.secrets) { _, standIn in standIn }
        let (ending, message) = await PluginTrial(manifest, entry, settings, surroundings).run(cursor: test.cursor)
        let said = message.isEmpty ? "" : ": \(message)"
        guard ending == test.expect else {
            return Finding(
                "test",
                .fail,
                "\(test.name): it should have ended as \(test.expect.rawValue), and ended as \(ending.rawValue)\(said)"
            )
        }
        if let wanted = test.message, !message.contains(wanted) {
            return Finding("test", .fail, "\(test.name): its message should contain '\(wanted)'\(said)")
        }
        return Finding("test", .ok, "\(test.name): \(ending.rawValue)\(said)")
    }
}
