internal import FreshetKit

/// A value of a YAML file before its meaning is known.
///
/// Scalars keep the text of the file: whether `07:30` or `on` is a text, a number or a boolean is for the shape that is
/// expected there, never for YAML's own guesses (YAML 1.1 reads `on` as true and `07:30` as 450).
struct RawValue {
    indirect enum Content {
        case scalar(RawScalar)
        case list([RawValue])
        /// In the order of the file.
        case map([RawEntry])
    }

    var content: Content
    var origin: Origin

    init(_ content: Content, at origin: Origin) {
        self.content = content
        self.origin = origin
    }

    static func text(_ text: String, at origin: Origin) -> RawValue {
        RawValue(.scalar(RawScalar(text: text, isPlain: false)), at: origin)
    }

    var entries: [RawEntry]? { if case .map(let entries) = content { entries } else { nil } }
    var items: [RawValue]? { if case .list(let items) = content { items } else { nil } }
    var scalar: RawScalar? { if case .scalar(let scalar) = content { scalar } else { nil } }
    /// Nothing stands there, or `null` does: what a lower layer says is taken back.
    var isNull: Bool { scalar?.isNull ?? false }

    subscript(key: String) -> RawValue? { entries?.first { $0.key == key }?.value }

    /// The value with every origin in another layer.
    func moved(to layer: Origin.Layer) -> RawValue {
        var moved = self
        moved.origin.layer = layer
        switch content {
        case .scalar: break
        case .list(let items): moved.content = .list(items.map { $0.moved(to: layer) })
        case .map(let entries):
            moved.content = .map(
                entries.map { entry in
                    var entry = entry
                    entry.keyOrigin.layer = layer
                    entry.value = entry.value.moved(to: layer)
                    return entry
                }
            )
        }
        return moved
    }
}

struct RawEntry {
    var key: String
    var keyOrigin: Origin
    var value: RawValue
}

struct RawScalar {
    var text: String
    /// Written without quotation marks, and so perhaps a number, a boolean or nothing.
    var isPlain: Bool
    /// How far the text begins behind the scalar's own position; `nil` where the file's text is another.
    var textOffset: Int?
    /// A reference in it is wrong, which has been said; what the text would be is not known.
    var isUnresolved = false

    private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]

    var isNull: Bool { isPlain && !isUnresolved && Self.nulls.contains(text) }
}

extension RawValue {
    /// The place of a character of a scalar's text, in Unicode scalars from its beginning.
    func origin(atOffset offset: Int) -> Origin {
        guard let start = scalar?.textOffset else { return origin }
        var origin = origin
        origin.column += start + offset
        return origin
    }

    /// What a message says was found; never used for what may be a secret.
    var description: String {
        switch content {
        case .list: "a list"
        case .map: "a mapping"
        case .scalar(let scalar) where scalar.isNull: "nothing"
        case .scalar(let scalar):
            scalar.text.count > 60 ? "'\(scalar.text.prefix(57))...'" : "'\(scalar.text)'"
        }
    }
}

extension RawValue {
    /// A value whose shape was free, to be read again in one that is known.
    init(_ value: ConfigValue) {
        func plain(_ text: String) -> Content { .scalar(RawScalar(text: text, isPlain: true)) }
        origin = value.origin
        content =
            switch value.content {
            case .null: plain("null")
            case .boolean(let value): plain(String(value))
            case .integer(let value): plain(String(value))
            case .number(let value): plain(String(value))
            case .text(let text): .scalar(RawScalar(text: text, isPlain: false))
            case .list(let items): .list(items.map { RawValue($0) })
            case .object(let entries):
                .map(entries.map { RawEntry(key: $0.key, keyOrigin: $0.keyOrigin, value: RawValue($0.value)) })
            }
    }
}
