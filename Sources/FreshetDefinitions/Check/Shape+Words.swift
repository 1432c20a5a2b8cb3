internal import FreshetKit

extension Shape {
    /// What a message says was expected: `'timeout' has to be …`.
    var expectation: String {
        switch self {
        case .text: "a text"
        case .secret: "a reference to a secret"
        case .boolean: "true or false"
        case .integer(let range): "a whole number" + Self.words(for: range, unlimited: Int.max)
        case .number(let range): "a number" + Self.words(for: range, unlimited: Double.greatestFiniteMagnitude)
        case .duration: "a duration such as 30s, 15m, 2h or 1d"
        case .choice(let words): words.alternatives
        case .assetKey: "the key of an asset"
        case .condition: "a condition such as changed(warehouse/orders)"
        case .connection(let kinds):
            "the name of a connection" + (kinds.isEmpty ? "" : " of the kind \(kinds.alternatives)")
        case .pool: "the name of a pool"
        case .list(let item): "a list, each item \(item.expectation)"
        case .oneOrMore(let item): "\(item.expectation), or a list of them"
        case .map: "a mapping of names to values"
        case .object: "a mapping"
        case .anyOf(let shapes): shapes.map(\.expectation).joined(separator: "; or ")
        }
    }

    private static func words<Bound: Comparable>(for range: ClosedRange<Bound>, unlimited: Bound) -> String {
        guard range.upperBound < unlimited else { return " of at least \(range.lowerBound)" }
        return " from \(range.lowerBound) to \(range.upperBound)"
    }

    /// Whether this shape has the outward form of a value, so that its messages are the ones to show.
    func resembles(_ value: RawValue) -> Bool {
        switch (self, value.content) {
        case (.anyOf(let shapes), _): shapes.contains { $0.resembles(value) }
        case (.oneOrMore(let item), .scalar), (.oneOrMore(let item), .map): item.resembles(value)
        case (.oneOrMore, .list), (.list, .list): true
        case (.object, .map), (.map, .map): true
        case (.list, _), (.object, _), (.map, _): false
        case (.boolean, .scalar(let scalar)): scalar.isBooleanWord
        case (_, .scalar): true
        default: false
        }
    }
}

extension RawScalar {
    private static let booleanWords: Set<String> = ["false", "n", "no", "off", "on", "true", "y", "yes"]

    /// Whether somebody may have meant a boolean by it.
    var isBooleanWord: Bool { Self.booleanWords.contains(text.lowercased()) }
}
