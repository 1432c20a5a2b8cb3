internal import FreshetCore
internal import FreshetKit

/// Turns raw values into typed ones as their shapes ask, and says what does not fit.
///
/// It goes on after a mistake, so that all of them are told at once.
struct ShapeDecoder {
    /// What the names in a project may refer to; `nil` leaves references unchecked.
    struct Names {
        /// The kind of each connection; `nil` where it is not known, which has been said.
        var connections: [String: String?]
        var pools: Set<String>
    }

    /// An asset that a value refers to.
    struct KeyReference {
        enum Use {
            case dependency
            /// Of an arm.
            case target
            case condition
            /// In a field of the asset's kind, such as what a table is read from.
            case field
        }

        var key: AssetKey
        var origin: Origin
        var use: Use
    }

    var names: Names?
    /// Whether required fields may be missing, because another layer can state them.
    var isPartial = false
    /// Whether a text with `${var:…}` in it passes for anything, because its variables are not known.
    var toleratesVariables = false

    private(set) var diagnostics = DiagnosticList()
    /// Whether a value could not be checked, because a reference in it is wrong.
    var isIncomplete = false
    private(set) var references: [KeyReference] = []

    init(names: Names?, isPartial: Bool = false, toleratesVariables: Bool = false) {
        self.names = names
        self.isPartial = isPartial
        self.toleratesVariables = toleratesVariables
    }

    mutating func error(_ message: String, at origin: Origin, hint: String? = nil) {
        diagnostics.error(message, at: origin, hint: hint)
    }

    /// The typed value, or `nil` when it does not fit.
    ///
    /// A message calls it by `name`; `use` says what an asset key in it is for.
    mutating func decode(
        _ raw: RawValue,
        as shape: Shape,
        named name: String,
        use: KeyReference.Use = .field
    ) -> ConfigValue? {
        switch shape {
        case .list(let item): return decodeList(raw, of: item, shape, name, use)
        case .oneOrMore(let item):
            if raw.items != nil { return decodeList(raw, of: item, shape, name, use) }
            guard item.resembles(raw) else { return mismatch(raw, shape, name) }
            return decode(raw, as: item, named: name, use: use)
        case .map(let value): return decodeMap(raw, of: value, shape, name, use)
        case .object(let fields):
            // `dim_customer:` with nothing behind it is an object in which everything is missing.
            let raw = raw.isNull ? RawValue(.map([]), at: raw.origin) : raw
            guard let entries = raw.entries else { return mismatch(raw, shape, name) }
            return decode(entries, as: fields, at: raw.origin)
        case .anyOf(let shapes): return decode(raw, asAnyOf: shapes, name, use)
        default: return decodeScalar(raw, as: shape, name, use)
        }
    }

    /// The fields of an object, as far as they fit.
    ///
    /// `reasons` says why a field that others have is no field here, by its name.
    mutating func decode(
        _ entries: [RawEntry],
        as fields: [Field],
        at origin: Origin,
        reasons: [String: String] = [:]
    ) -> ConfigValue {
        var decoded: [ConfigValue.Entry] = []
        decoded.reserveCapacity(entries.count)
        // What failed, or was meant by a misspelt key, is not missing too.
        var failed: Set<String> = []
        for entry in entries {
            guard let field = fields.first(where: { $0.name == entry.key }) else {
                if let meant = unknown(entry, among: fields, reasons) { failed.insert(meant) }
                continue
            }
            if entry.value.isNull { continue }
            let use: KeyReference.Use =
                switch field.name {
                case "deps": .dependency
                case "then", "else": .target
                default: .field
                }
            guard let value = decode(entry.value, as: field.shape, named: field.name, use: use) else {
                failed.insert(field.name)
                continue
            }
            decoded.append(ConfigValue.Entry(key: entry.key, keyOrigin: entry.keyOrigin, value: value))
        }
        if !isPartial {
            for field in fields where field.isRequired && !failed.contains(field.name) {
                guard !decoded.contains(where: { $0.key == field.name }) else { continue }
                error("'\(field.name)' is required here", at: origin, hint: "add '\(field.name):', \(field.lead)")
            }
        }
        return ConfigValue(.object(decoded), at: origin)
    }

    /// - Returns: the field that was most likely meant.
    private mutating func unknown(
        _ entry: RawEntry,
        among fields: [Field],
        _ reasons: [String: String]
    ) -> String? {
        if let reason = reasons[entry.key] {
            error("'\(entry.key)' cannot be stated here: \(reason)", at: entry.keyOrigin)
            return nil
        }
        let homes = fields.filter { $0.shape.holds(entry.key) }.map { "'\($0.name)'" }
        guard homes.isEmpty else {
            let hint = "it belongs under \(homes.joined(separator: " or "))"
            error("the key '\(entry.key)' is unknown here", at: entry.keyOrigin, hint: hint)
            return nil
        }
        let names = fields.map(\.name)
        let meant = nearest(entry.key, among: names)
        let known = names.isEmpty ? "nothing can be stated here" : "known keys are "
        let hint = known + names.sorted().joined(separator: ", ")
        error("the key '\(entry.key)' is unknown here", at: entry.keyOrigin, hint: .didYouMean(meant) ?? hint)
        return meant
    }

    private mutating func decodeList(
        _ raw: RawValue,
        of item: Shape,
        _ shape: Shape,
        _ name: String,
        _ use: KeyReference.Use
    ) -> ConfigValue? {
        guard let items = raw.items else {
            let hint = raw.scalar.map { _ in "write '\(name): [...]', or one item a line, each after '- '" }
            return mismatch(raw, shape, name, hint: hint)
        }
        let decoded = items.map { decode($0, as: item, named: name, use: use) }
        guard !decoded.contains(where: { $0 == nil }) else { return nil }
        return ConfigValue(.list(decoded.compactMap { $0 }), at: raw.origin)
    }

    private mutating func decodeMap(
        _ raw: RawValue,
        of shape: Shape,
        _ whole: Shape,
        _ name: String,
        _ use: KeyReference.Use
    ) -> ConfigValue? {
        guard let entries = raw.entries else { return mismatch(raw, whole, name) }
        var decoded: [ConfigValue.Entry] = []
        for entry in entries {
            guard let value = decode(entry.value, as: shape, named: entry.key, use: use) else { continue }
            decoded.append(ConfigValue.Entry(key: entry.key, keyOrigin: entry.keyOrigin, value: value))
        }
        return decoded.count == entries.count ? ConfigValue(.object(decoded), at: raw.origin) : nil
    }

    /// The first shape that fits; where none does, the messages of the one that looks like the value.
    private mutating func decode(
        _ raw: RawValue,
        asAnyOf shapes: [Shape],
        _ name: String,
        _ use: KeyReference.Use
    ) -> ConfigValue? {
        let before = self
        for shape in shapes {
            let value = decode(raw, as: shape, named: name, use: use)
            if diagnostics.errorCount == before.diagnostics.errorCount, let value { return value }
            self = before
        }
        let alike = shapes.filter { $0.resembles(raw) }
        guard alike.count == 1 else { return mismatch(raw, .anyOf(shapes), name) }
        return decode(raw, as: alike[0], named: name, use: use)
    }

    /// Says that a value does not have the expected shape.
    mutating func mismatch(_ raw: RawValue, _ shape: Shape, _ name: String, hint: String? = nil) -> ConfigValue? {
        error("'\(name)' has to be \(shape.expectation), not \(raw.description)", at: raw.origin, hint: hint)
        return nil
    }

    /// Adds an asset that a value refers to.
    mutating func refer(to key: AssetKey, at origin: Origin, as use: KeyReference.Use) {
        references.append(KeyReference(key: key, origin: origin, use: use))
    }
}

extension Field {
    /// The summary as the continuation of a sentence.
    fileprivate var lead: String {
        let text = summary.hasSuffix(".") ? String(summary.dropLast()) : summary
        // A name such as "Power BI" keeps its capital.
        let second = text.dropFirst().first
        return second?.isUppercase == true ? text : text.prefix(1).lowercased() + text.dropFirst()
    }
}

extension Shape {
    /// Whether the key may stand in a mapping of this shape.
    fileprivate func holds(_ key: String) -> Bool {
        switch self {
        case .object(let fields): fields.contains { $0.name == key }
        case .anyOf(let shapes): shapes.contains { $0.holds(key) }
        default: false
        }
    }
}
