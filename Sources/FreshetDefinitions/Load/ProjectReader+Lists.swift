internal import FreshetCore
internal import FreshetKit

extension ProjectReader {
    /// Sources, each in a mapping with one key: its kind.
    mutating func readSources(_ raw: RawValue?) {
        let recipes = Dictionary(catalog.sources.map { ($0.name, $0) }) { first, _ in first }
        for (entry, kind) in items(of: raw, "sources", "source", "dbt", among: recipes.keys.sorted()) {
            if let recipe = recipes[kind] { add(recipe, entry) }
        }
    }

    /// Sources of hints, likewise.
    mutating func readHints(_ raw: RawValue?) {
        let types = Dictionary(catalog.hintSources.map { ($0.name, $0) }) { first, _ in first }
        var first: [String: Origin] = [:]
        for (entry, kind) in items(of: raw, "hints", "source of hints", "sqs", among: types.keys.sorted()) {
            guard let type = types[kind], let decoded = decodedFields(of: entry, type.fields) else { continue }
            do throws(Diagnostic) {
                let definition = HintSourceDefinition(source: try type.init(from: decoded), settings: decoded)
                if let first = first[definition.name] {
                    diagnostics.error(
                        "the hints of '\(definition.name)' are stated twice; the first time in line \(first.line)",
                        at: entry.keyOrigin
                    )
                    continue
                }
                first[definition.name] = entry.keyOrigin
                settings.hints.append(definition)
            } catch {
                diagnostics.add(error)
            }
        }
    }

    /// The items of a list of mappings with one key each, a kind; `what` says in messages what an item is.
    private mutating func items(
        of raw: RawValue?,
        _ section: String,
        _ what: String,
        _ example: String,
        among known: [String]
    ) -> [(entry: RawEntry, kind: String)] {
        guard let raw, !raw.isNull else { return [] }
        guard let items = raw.items else {
            diagnostics.error(
                "'\(section)' has to be a list, not \(raw.description)",
                at: raw.origin,
                hint: "write '- \(example): {...}' below it"
            )
            return []
        }
        return items.compactMap { item in
            let resolved = settings.references.resolve(item, in: .connection, &diagnostics)
            guard let entries = resolved.entries, entries.count == 1, let entry = entries.first else {
                diagnostics.error(
                    "a \(what) has to be a mapping with one key, its kind",
                    at: item.origin,
                    hint: "write '- \(example): {...}'; indent its fields below the kind"
                )
                return nil
            }
            guard known.contains(entry.key) else {
                diagnostics.error(
                    "there is no kind of \(what) '\(entry.key)'",
                    at: entry.keyOrigin,
                    hint: .didYouMean(nearest(entry.key, among: known)) ?? "known are \(known.alternatives)"
                )
                return nil
            }
            return (entry, entry.key)
        }
    }

    /// - Returns: `nil` when a mistake was found.
    private mutating func decodedFields(of entry: RawEntry, _ fields: [Field]) -> Settings? {
        var value = entry.value
        if value.isNull { value.content = .map([]) }
        guard value.entries != nil else {
            diagnostics.error("'\(entry.key)' has to be a mapping, not \(value.description)", at: value.origin)
            return nil
        }
        return decode(value, as: fields).map { Settings($0) }
    }

    private mutating func add(_ recipe: Recipe<any DefinitionSource>, _ entry: RawEntry) {
        guard let settings = decodedFields(of: entry, recipe.fields) else { return }
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
}
