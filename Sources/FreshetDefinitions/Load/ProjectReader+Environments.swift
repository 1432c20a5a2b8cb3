internal import FreshetCore
internal import FreshetKit

extension ProjectReader {
    /// The environments whose outer form is right.
    mutating func readEnvironments(_ raw: RawValue?) -> [RawEntry] {
        guard let raw, !raw.isNull else { return [] }
        guard let entries = raw.entries else {
            diagnostics.error(
                "'environments' has to be a mapping of names to mappings, not \(raw.description)",
                at: raw.origin,
                hint: "write 'prod: {vars: {...}}' below it"
            )
            return []
        }
        let names = ProjectFields.environment.map(\.name)
        return entries.compactMap { entry in
            if entry.value.isNull {
                var empty = entry
                empty.value.content = .map([])
                return empty
            }
            guard let inner = entry.value.entries else {
                diagnostics.error(
                    "the environment '\(entry.key)' has to be a mapping, not \(entry.value.description)",
                    at: entry.value.origin
                )
                return nil
            }
            for field in inner where !names.contains(field.key) { unknown(field, among: names) }
            if let mode = entry.value["mode"], let shape = ProjectFields.environment.first(where: { $0.name == "mode" })
            {
                _ = decode(mode, as: shape.shape, named: "mode")
            }
            return entry
        }
    }

    /// What was asked for, else `FRESHET_ENV`, else `default_environment`, else none.
    mutating func chooseEnvironment(_ environments: [RawEntry], _ raw: RawValue) {
        let names = environments.map(\.key)
        let place = raw.entries?.first { $0.key == "environments" }?.keyOrigin ?? Origin(file: ProjectFiles.projectFile)
        var wanted = (name: wantedEnvironment, by: "", origin: place)
        if wanted.name == nil, let name = environmentVariables["FRESHET_ENV"], !name.isEmpty {
            wanted = (name, ", which FRESHET_ENV asks for", place)
        }
        if wanted.name == nil, let value = raw["default_environment"], !value.isNull {
            guard case .text(let name)? = decode(value, as: .text, named: "default_environment")?.content else {
                return
            }
            wanted = (name, "", value.origin)
        }
        guard let name = wanted.name else { return }
        guard names.contains(name) else {
            let known = names.isEmpty ? "none is stated under 'environments'" : "known are \(names.alternatives)"
            diagnostics.error(
                "there is no environment '\(name)'\(wanted.by)",
                at: wanted.origin,
                hint: .didYouMean(nearest(name, among: names)) ?? known
            )
            return
        }
        settings.environment = name
    }

    mutating func readVariables(_ project: RawValue?, _ chosen: RawValue?, _ environments: [RawEntry]) {
        var variables: [String: RawScalar] = [:]
        for layer in [project, chosen] {
            for entry in readVariables(layer) { variables[entry.key] = entry.value.scalar }
        }
        var elsewhere: [String: [String]] = [:]
        for environment in environments where environment.key != settings.environment {
            for entry in readVariables(environment.value["vars"]) where variables[entry.key] == nil {
                elsewhere[entry.key, default: []].append(environment.key)
            }
        }
        settings.references.variables = variables
        settings.references.elsewhere = elsewhere
    }

    private mutating func readVariables(_ raw: RawValue?) -> [RawEntry] {
        guard let raw, !raw.isNull else { return [] }
        guard let entries = raw.entries else {
            diagnostics.error(
                "'vars' has to be a mapping of names to values, not \(raw.description)",
                at: raw.origin
            )
            return []
        }
        return entries.filter { entry in
            guard entry.value.scalar != nil else {
                diagnostics.error(
                    "the variable '\(entry.key)' has to be a single value, not \(entry.value.description)",
                    at: entry.value.origin
                )
                return false
            }
            // Checks the references only; what they stand for is replaced where the variable is used.
            let references = References(variables: [:], backends: settings.references.backends)
            _ = references.resolve(entry.value, in: .variable, &diagnostics)
            return true
        }
    }

    /// Says what is wrong with the environments that do not apply now, as far as it does not turn on their variables.
    mutating func checkOthers(_ environments: [RawEntry]) {
        for environment in environments {
            for entry in environment.value["connections"]?.entries ?? [] {
                guard let known = settings.connections.first(where: { $0.name == entry.key }) else { continue }
                checkPart(entry, [ProjectFields.connectionKind] + known.type.fields)
            }
            for entry in environment.value["secrets"]?.entries ?? [] {
                guard let known = settings.secretBackends.first(where: { $0.name == entry.key }) else { continue }
                checkPart(entry, ProjectFields.secretBackend + known.type.fields)
            }
            settings.otherDefaults += environment.value["defaults"]?.entries ?? []
        }
    }

    /// What an environment changes of a system, unless it changes the kind too.
    private mutating func checkPart(_ entry: RawEntry, _ fields: [Field]) {
        guard let entries = entry.value.entries, entry.value["kind"] == nil else { return }
        var decoder = ShapeDecoder(names: nil, isPartial: true, toleratesVariables: true)
        _ = decoder.decode(entries, as: fields, at: entry.value.origin)
        diagnostics.add(decoder.diagnostics)
    }
}
