internal import FreshetCore
internal import FreshetKit

extension ProjectReader {
    /// Connections, each of a kind of the catalog.
    mutating func readConnections(_ project: RawValue?, _ chosen: RawValue?) {
        guard let raw = merged(project, chosen?.moved(to: .environment), "connections") else { return }
        let resolved = settings.references.resolve(raw, in: .connection, &diagnostics)
        let types = Dictionary(catalog.connections.map { ($0.name, $0) }) { first, _ in first }
        for entry in resolved.entries ?? [] {
            // Known even where it is wrong, so that nothing that uses it is called wrong too.
            settings.names.connections[entry.key] = .some(nil)
            guard entry.value.entries != nil else {
                diagnostics.error(
                    "the connection '\(entry.key)' has to be a mapping, not \(entry.value.description)",
                    at: entry.value.origin,
                    hint: "write '\(entry.key): {kind: ...}'"
                )
                continue
            }
            guard let kind = kind(of: entry, "connection", among: types.keys.sorted()), let type = types[kind] else {
                continue
            }
            settings.names.connections[entry.key] = kind
            let fields = [ProjectFields.connectionKind] + type.fields.filter { $0.name != "kind" }
            guard let value = decode(entry.value, as: fields) else { continue }
            settings.connections.append(
                ConnectionDefinition(name: entry.key, type: type, settings: Settings(value))
            )
        }
    }

    /// The kind that an entry states, if it is one of those; `what` says in messages what the entry declares.
    mutating func kind(of entry: RawEntry, _ what: String, among known: [String]) -> String? {
        guard let value = entry.value["kind"], let kind = value.scalar?.text, !value.isNull else {
            diagnostics.error(
                "the \(what) '\(entry.key)' has no kind",
                at: entry.keyOrigin,
                hint: "add 'kind:'; known are \(known.alternatives)"
            )
            return nil
        }
        guard known.contains(kind) else {
            diagnostics.error(
                "there is no kind of \(what) '\(kind)'",
                at: value.origin,
                hint: .didYouMean(nearest(kind, among: known)) ?? "known are \(known.alternatives)"
            )
            return nil
        }
        return kind
    }

    /// Sources, each in a mapping with one key: its kind.
    mutating func readSources(_ raw: RawValue?) {
        guard let raw, !raw.isNull else { return }
        guard let items = raw.items else {
            diagnostics.error(
                "'sources' has to be a list, not \(raw.description)",
                at: raw.origin,
                hint: "write '- dbt: {...}' below it"
            )
            return
        }
        let recipes = Dictionary(catalog.sources.map { ($0.name, $0) }) { first, _ in first }
        for item in items {
            let resolved = settings.references.resolve(item, in: .connection, &diagnostics)
            guard let entries = resolved.entries, entries.count == 1, let entry = entries.first else {
                diagnostics.error(
                    "a source has to be a mapping with one key, its kind",
                    at: item.origin,
                    hint: "write '- dbt: {...}'; indent its fields below the kind"
                )
                continue
            }
            guard let recipe = recipes[entry.key] else {
                let known = recipes.keys.sorted()
                diagnostics.error(
                    "there is no kind of source '\(entry.key)'",
                    at: entry.keyOrigin,
                    hint: .didYouMean(nearest(entry.key, among: known)) ?? "known are \(known.alternatives)"
                )
                continue
            }
            add(recipe, entry)
        }
    }

    private mutating func add(_ recipe: Recipe<any DefinitionSource>, _ entry: RawEntry) {
        var value = entry.value
        if value.isNull { value.content = .map([]) }
        guard value.entries != nil else {
            diagnostics.error("'\(entry.key)' has to be a mapping, not \(value.description)", at: value.origin)
            return
        }
        guard let decoded = decode(value, as: recipe.fields) else { return }
        let settings = Settings(decoded)
        do throws(Diagnostic) {
            let source = try recipe.make(settings)
            if let every = source.every, every <= .zero {
                diagnostics.error("'every' has to be longer than nothing", at: settings.origin(of: "every"))
            }
            let name = source.prefix.hasSuffix("/") ? String(source.prefix.dropLast()) : source.prefix
            if let first = self.settings.sourceOrigins[name] {
                diagnostics.error(
                    "two sources yield assets under '\(source.prefix)'; the first is in line \(first.line)",
                    at: entry.keyOrigin
                )
                return
            }
            self.settings.sourceOrigins[name] = entry.keyOrigin
            self.settings.sources.append(
                SourceDefinition(name: name, source: source, settings: settings, kind: recipe.name)
            )
        } catch {
            diagnostics.add(error)
        }
    }

    /// Defaults by kind; their fields are checked with the assets'.
    mutating func readDefaults(_ project: RawValue?, _ chosen: RawValue?) {
        guard let raw = merged(project?.moved(to: .defaults), chosen?.moved(to: .environment), "defaults") else {
            return
        }
        settings.defaults = settings.references.resolve(raw, in: .asset, &diagnostics).entries ?? []
    }

    mutating func merged(_ project: RawValue?, _ chosen: RawValue?, _ name: String) -> RawValue? {
        var merged: RawValue?
        for value in [project, chosen] {
            guard let value, !value.isNull else { continue }
            guard value.entries != nil else {
                diagnostics.error(
                    "'\(name)' has to be a mapping of names to mappings, not \(value.description)",
                    at: value.origin
                )
                continue
            }
            merged = merged?.merged(with: value) ?? value
        }
        return merged
    }

    /// - Returns: `nil` when a mistake was found.
    mutating func decode(_ raw: RawValue, as fields: [Field]) -> ConfigValue? {
        var decoder = ShapeDecoder(names: settings.names)
        let value = decoder.decode(raw.entries ?? [], as: fields, at: raw.origin)
        diagnostics.add(decoder.diagnostics)
        return decoder.diagnostics.errorCount == 0 && !decoder.isIncomplete ? value : nil
    }
}
