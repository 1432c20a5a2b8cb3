/// Moments by key, the earliest first; each key has at most one.
struct Timers: Sendable {
    private struct Entry: Comparable, Sendable {
        var moment: Timestamp
        var key: AssetKey
        static func < (lhs: Entry, rhs: Entry) -> Bool { (lhs.moment, lhs.key) < (rhs.moment, rhs.key) }
    }

    private var moments: [AssetKey: Timestamp] = [:]

    var first: Timestamp? { moments.values.min() }

    mutating func set(_ key: AssetKey, _ moment: Timestamp) { moments[key] = moment }

    mutating func clear(_ key: AssetKey) { moments[key] = nil }

    /// Takes out what is due, the earliest first.
    mutating func due(at now: Timestamp) -> [AssetKey] {
        let due = moments.filter { $0.value <= now }.map { Entry(moment: $0.value, key: $0.key) }.sorted()
        for entry in due { moments[entry.key] = nil }
        return due.map(\.key)
    }
}
