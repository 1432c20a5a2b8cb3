internal import FreshetCore
internal import FreshetKit

/// A hook as it is stated, before the graph says what it is about.
struct StatedHook {
    var hook: HookDefinition
    /// The selection, with where it stands.
    var assets: RawValue?
    /// Where the sensor is named.
    var sensorOrigin: Origin
}

extension ProjectReader {
    /// The section `hooks`: who may push hints.
    mutating func readHooks(_ raw: RawValue?) {
        guard let raw, !raw.isNull else { return }
        guard let entries = raw.entries else {
            return diagnostics.error(
                "'hooks' has to be a mapping of names to mappings, not \(raw.description)",
                at: raw.origin,
                hint: "write 'github: {kind: github, ...}' below it"
            )
        }
        for entry in entries {
            let resolved = settings.references.resolve(entry.value, in: .connection, &diagnostics)
            guard isHookName(entry) else { continue }
            guard resolved.entries != nil else {
                diagnostics.error(
                    "the hook '\(entry.key)' has to be a mapping, not \(entry.value.description)",
                    at: entry.value.origin,
                    hint: "write '\(entry.key): {kind: ...}'"
                )
                continue
            }
            guard let value = decode(resolved, as: ProjectFields.hook) else { continue }
            do throws(Diagnostic) {
                settings.hooks.append(try hook(entry, Settings(value), resolved["assets"]))
            } catch {
                diagnostics.add(error)
            }
        }
    }

    private mutating func isHookName(_ entry: RawEntry) -> Bool {
        guard entry.key.wholeMatch(of: /[a-z0-9_\-]{1,64}/) == nil else { return true }
        diagnostics.error(
            "'\(entry.key)' cannot be the name of a hook, as it is the end of an address",
            at: entry.keyOrigin,
            hint: "use at most 64 small letters, digits, '_' and '-'"
        )
        return false
    }

    private func hook(_ entry: RawEntry, _ fields: Settings, _ assets: RawValue?) throws(Diagnostic) -> StatedHook {
        // Its shape was checked.
        let kind = HookDefinition.Kind(rawValue: try fields.requiredText("kind")) ?? .plain
        let hook = HookDefinition(
            entry.key,
            kind,
            secrets: try fields.texts("secret"),
            sensor: try fields.text("sensor"),
            topics: try fields.texts("topics"),
            origins: try fields.texts("origins").map { $0.lowercased() },
            perMinute: try fields.integer("per_minute") ?? HookDefinition.defaultPerMinute,
            origin: entry.keyOrigin
        )
        try Self.check(hook, fields)
        if assets == nil, hook.sensor == nil {
            throw Diagnostic(
                "the hook '\(hook.name)' does not say what to look at",
                at: entry.keyOrigin,
                hint: "add 'assets:', a selection such as \"dbt/*\", or 'sensor:', the name of a sensor"
            )
        }
        return StatedHook(hook: hook, assets: assets, sensorOrigin: fields.origin(of: "sensor"))
    }

    /// What each kind needs, and what is none of its business.
    private static func check(_ hook: HookDefinition, _ fields: Settings) throws(Diagnostic) {
        if hook.kind != .sns {
            if hook.secrets.isEmpty {
                throw Diagnostic(
                    "the hook '\(hook.name)' has no secret, so that anybody could send to it",
                    at: hook.origin,
                    hint: "add 'secret: ${secret:env/NAME}', or ${secret:file/PATH} for a file"
                )
            }
            if hook.secrets.count > 2 {
                throw Diagnostic(
                    "a hook has one secret, or two while one takes the place of the other; here are \(hook.secrets.count)",
                    at: fields.origin(of: "secret")
                )
            }
        } else {
            if fields.has("secret") {
                throw Diagnostic(
                    "SNS signs with a certificate and shares no secret",
                    at: fields.origin(of: "secret"),
                    hint: "remove 'secret'; 'topics' says who may send"
                )
            }
            if hook.topics.isEmpty {
                throw Diagnostic(
                    "the hook '\(hook.name)' names no topic, so that any account of AWS could send to it",
                    at: hook.origin,
                    hint: "add 'topics: [arn:aws:sns:<region>:<account>:<name>]'"
                )
            }
            for topic in hook.topics where topic.wholeMatch(of: /arn:aws[a-z\-]*:sns:[a-z0-9\-]+:\d{12}:.+/) == nil {
                throw Diagnostic(
                    "'\(topic)' is not the ARN of a topic",
                    at: fields.origin(of: "topics"),
                    hint: "write it as arn:aws:sns:eu-central-1:123456789012:dbt-runs"
                )
            }
        }
        for (field, kind) in [("topics", HookDefinition.Kind.sns), ("origins", .cloudevents)]
        where fields.has(field) && hook.kind != kind {
            throw Diagnostic(
                "'\(field)' is for hooks of the kind \(kind.rawValue), and '\(hook.name)' is of the kind \(hook.kind.rawValue)",
                at: fields.origin(of: field)
            )
        }
    }
}
