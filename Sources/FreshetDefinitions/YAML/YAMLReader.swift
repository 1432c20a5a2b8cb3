internal import FreshetKit
private import Yams

/// Reads the one document of a YAML file, with the position of every key and value.
///
/// Anchors, aliases and merge keys (`<<`) work. What aliases expand to is bounded, since nine lines of YAML can stand
/// for a billion nodes.
struct YAMLReader {
    /// How deep lists and mappings may be nested; far more than any definition needs.
    static let depthLimit = 100
    /// How many nodes a file may stand for: each byte of it is worth at most one, and what aliases add is bounded.
    static func nodeLimit(bytes: Int) -> Int { 100_000 + 10 * bytes }

    private let file: String
    private let layer: Origin.Layer
    private let nodeLimit: Int
    private var nodes = 0
    private var renamed = RenamedKeys()
    private var diagnostics = DiagnosticList()

    /// - Returns: `nil` when the file holds nothing, or what it holds cannot be read; a mistake was added then.
    static func read(
        _ text: String,
        file: String,
        layer: Origin.Layer = .asset,
        into diagnostics: inout DiagnosticList
    ) -> RawValue? {
        var reader = YAMLReader(file: file, layer: layer, nodeLimit: nodeLimit(bytes: text.utf8.count))
        defer { diagnostics.add(reader.diagnostics) }
        do throws(Diagnostic) {
            guard let node = try reader.compose(text) else { return nil }
            return try reader.value(of: node, depth: 0)
        } catch {
            reader.diagnostics.add(error)
            return nil
        }
    }

    private init(file: String, layer: Origin.Layer, nodeLimit: Int) {
        self.file = file
        self.layer = layer
        self.nodeLimit = nodeLimit
    }

    /// The file's root, also where a key stands twice in a mapping.
    ///
    /// Yams refuses that and tells only one of the places. That one is renamed, so that the rest of the file is read
    /// and both places can be named.
    private mutating func compose(_ text: String) throws(Diagnostic) -> Node? {
        var text = text
        while true {
            do {
                // Without rules, nothing is guessed: each scalar stays text.
                return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                let (line, column) = (context.mark.line, context.mark.column)
                guard let changed = renamed.rename(line: line, column: column, in: text) else {
                    let name = names.first ?? ""
                    throw Diagnostic("the key '\(name)' stands twice in one mapping", at: origin(line, column))
                }
                text = changed
            } catch let error as YamlError {
                throw error.diagnostic(in: text, file: file)
            } catch {
                throw Diagnostic("the file cannot be read as YAML", at: origin(1, 1))
            }
        }
    }

    private func origin(_ line: Int, _ column: Int) -> Origin {
        Origin(file: file, line: line, column: column, layer: layer)
    }

    private func origin(of node: Node) -> Origin { origin(node.mark?.line ?? 1, node.mark?.column ?? 1) }

    private mutating func value(of node: Node, depth: Int) throws(Diagnostic) -> RawValue {
        let origin = origin(of: node)
        nodes += 1
        guard nodes <= nodeLimit else {
            throw Diagnostic(
                "the aliases of this file stand for more than \(nodeLimit) values",
                at: origin,
                hint: "write out what the aliases ('*name') repeat, or split the file"
            )
        }
        guard depth < Self.depthLimit else {
            throw Diagnostic("lists and mappings are nested more than \(Self.depthLimit) deep", at: origin)
        }
        switch node {
        case .scalar(let scalar):
            checkTag(scalar.tag, at: origin)
            return RawValue(.scalar(RawScalar(scalar)), at: origin)
        case .sequence(let sequence):
            checkTag(sequence.tag, at: origin)
            var items: [RawValue] = []
            items.reserveCapacity(sequence.count)
            for item in sequence { items.append(try value(of: item, depth: depth + 1)) }
            return RawValue(.list(items), at: origin)
        case .mapping(let mapping):
            checkTag(mapping.tag, at: origin)
            return RawValue(.map(try entries(of: mapping, depth: depth)), at: origin)
        case .alias:
            // The parser puts the node itself where an alias stands.
            throw Diagnostic("an alias stands for nothing here", at: origin)
        }
    }

    private mutating func entries(of mapping: Node.Mapping, depth: Int) throws(Diagnostic) -> [RawEntry] {
        var entries: [RawEntry] = []
        entries.reserveCapacity(mapping.count)
        var merged: RawValue?
        for (keyNode, valueNode) in mapping {
            let keyOrigin = origin(of: keyNode)
            guard case .scalar(let scalar) = keyNode else {
                throw Diagnostic("a key has to be a text, not a list or a mapping", at: keyOrigin)
            }
            let key = renamed.original(scalar.string, at: keyOrigin)
            let value = try value(of: valueNode, depth: depth + 1)
            if key == "<<", scalar.style == .plain {
                let added = try mergeKey(value)
                merged = merged.map { added.shallowMerged(with: $0) } ?? added
                continue
            }
            if !renamed.isEmpty, let first = entries.first(where: { $0.key == key }) {
                diagnostics.error(
                    "'\(key)' stands twice in one mapping; first in line \(first.keyOrigin.line)",
                    at: keyOrigin,
                    hint: "keep one of the two"
                )
                continue
            }
            entries.append(RawEntry(key: key, keyOrigin: keyOrigin, value: value))
        }
        guard let merged else { return entries }
        return merged.shallowMerged(with: RawValue(.map(entries), at: merged.origin)).entries ?? entries
    }

    /// What `<<:` adds: a mapping, or a list of mappings of which the first wins.
    ///
    /// - SeeAlso: https://yaml.org/type/merge.html
    private func mergeKey(_ value: RawValue) throws(Diagnostic) -> RawValue {
        if value.entries != nil { return value }
        guard let items = value.items, items.allSatisfy({ $0.entries != nil }) else {
            throw Diagnostic("'<<' has to name a mapping or a list of mappings, such as *defaults", at: value.origin)
        }
        return items.reversed().reduce(RawValue(.map([]), at: value.origin)) { $0.shallowMerged(with: $1) }
    }

    private static let tags: Set<String> = [
        "", "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:str",
    ]

    private mutating func checkTag(_ tag: Tag, at origin: Origin) {
        let name = tag.rawValue
        guard !Self.tags.contains(name) else { return }
        diagnostics.error("the YAML tag '\(name)' has no meaning here", at: origin, hint: "remove it")
    }
}

extension RawScalar {
    fileprivate init(_ scalar: Node.Scalar) {
        text = scalar.string
        switch scalar.style {
        case .any, .plain:
            isPlain = ["", "!"].contains(scalar.tag.rawValue) && scalar.tag.rawValue != "!"
            textOffset = 0
        case .singleQuoted, .doubleQuoted:
            isPlain = false
            textOffset = 1
        case .literal, .folded:
            isPlain = false
            textOffset = nil
        }
    }
}

extension RawValue {
    /// What YAML's merge key does: entries of `upper` win whole.
    fileprivate func shallowMerged(with upper: RawValue) -> RawValue {
        let upperEntries = upper.entries ?? []
        let taken = Set(upperEntries.map(\.key))
        return RawValue(.map((entries ?? []).filter { !taken.contains($0.key) } + upperEntries), at: upper.origin)
    }
}

/// Keys that were made unique by a private-use character in the place of their first one, each by its position.
private struct RenamedKeys {
    private struct Position: Hashable {
        var line: Int
        var column: Int
    }

    private static let limit = 50
    private var firstScalars: [Position: (marker: Unicode.Scalar, original: Unicode.Scalar)] = [:]

    var isEmpty: Bool { firstScalars.isEmpty }

    /// The text with the key at that position renamed; `nil` when that cannot be done.
    mutating func rename(line: Int, column: Int, in text: String) -> String? {
        let source = SourceText(text)
        guard firstScalars.count < Self.limit, var index = source.index(line: line, column: column) else { return nil }
        if ["\"", "'"].contains(source[index]) {
            guard let inside = source.index(line: line, column: column + 1) else { return nil }
            index = inside
        }
        let position = Position(line: line, column: column)
        guard source[index].properties.isXIDContinue, firstScalars[position] == nil,
            let marker = Unicode.Scalar(0xE000 + firstScalars.count)
        else { return nil }
        firstScalars[position] = (marker, source[index])
        return source.replacing(index, with: marker)
    }

    func original(_ key: String, at origin: Origin) -> String {
        guard !isEmpty, let name = firstScalars[Position(line: origin.line, column: origin.column)],
            key.unicodeScalars.first == name.marker
        else { return key }
        return String(Character(name.original)) + String(key.dropFirst())
    }
}
