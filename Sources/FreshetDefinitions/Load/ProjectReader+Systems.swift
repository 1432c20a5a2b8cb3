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
