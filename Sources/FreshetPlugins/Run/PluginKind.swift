package import FreshetCore
package import FreshetKit

/// An asset kind, or a check, that a plugin's program does the work of.
package struct PluginKind: AssetKind {
    package static let name = "plugin"
    package static let summary = "The kind of a plugin; the plugin's own name and fields are in its recipe."
    package static let fields: [Field] = []
    package static let examples: [String] = []

    let manifest: PluginManifest
    let entry: PluginEntry
    let settings: Settings

    init(_ manifest: PluginManifest, _ entry: PluginEntry, _ settings: Settings) {
        self.manifest = manifest
        self.entry = entry
        self.settings = settings
    }

    /// A plugin's kinds are made by its recipes: without a plugin there is none.
    package init(from settings: Settings) throws(Diagnostic) {
        throw Diagnostic("no plugin is named", at: settings.origin)
    }

    package func materialize(_ step: StepContext) async -> StepOutcome {
        let clock = step.surroundings.clock
        @Sendable func log(_ level: LogLine.Level, _ text: String) async {
            await step.log(LogLine(at: clock.now, level: level, message: text))
        }
        let operation = PluginOperation(
            word: entry.role == .check ? .check : .materialize,
            entry: entry,
            settings: settings,
            asset: step.asset,
            run: step.run,
            retry: step.attempt - 1,
            previous: step.previous,
            codeVersion: step.codeVersion,
            extras: [
                "freshet_causes": .list(step.causes.map { .text($0.code) }),
                "freshet_inputs": .object(Self.inputs(step)),
            ],
            deadline: step.deadline
        )
        let result: PluginResult
        do throws(PluginTrouble) {
            result = try await PluginRun(manifest: manifest, surroundings: step.surroundings)(
                operation,
                stop: step.stop
            ) { effect in
                switch effect {
                case .log(let level, let text): await log(level, text)
                case .progress(let name, let status, let message, let details):
                    let now = clock.now
                    await step.progress(
                        SubStep(
                            name: name,
                            status: status,
                            endedAt: status == .running ? nil : now,
                            message: message,
                            details: details
                        )
                    )
                }
            }
        } catch {
            return .failed(
                StepFailure(
                    error.code,
                    error.isForPeople ? .never : .later,
                    message: step.surroundings.redactor.redact("\(error)")
                )
            )
        }
        // The process ends; the next one runs the program again.
        if Task.isCancelled { return .left }
        let verdict = PluginVerdict(
            entry: entry,
            limits: manifest.limits.process,
            asset: step.asset,
            previous: step.previous
        )
        for warning in verdict.warnings(result) { await log(.warning, warning) }
        return verdict.outcome(result)
    }

    /// The versions of its inputs that are looked at, by key.
    private static func inputs(_ step: StepContext) -> [String: JSONValue] {
        var versions: [String: JSONValue] = [:]
        for (key, observation) in step.inputs {
            if case .known(let version) = observation.version {
                versions[PipesKey.text(of: key)] = .text(version.fingerprint)
            } else {
                versions[PipesKey.text(of: key)] = .null
            }
        }
        return versions
    }
}

/// A plugin's program said that it failed, or ended as if it had.
package struct PluginFailure: Error, CustomStringConvertible {
    package var plugin: String
    package var failure: StepFailure

    package var description: String { "the plugin \(plugin): \(failure.message)" }
}
