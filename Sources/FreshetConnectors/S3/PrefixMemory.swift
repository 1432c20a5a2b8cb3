internal import FreshetCore
internal import FreshetKit

/// What was listed under a prefix last: told apart from what is listed now, key by key.
///
/// Kept as a cursor, in JSON. Of more than ``mostKeys`` objects only the fingerprint is kept: that they changed is then
/// told, and not which of them.
struct PrefixMemory {
    private static let mostKeys = 10_000
    private static let mostNames = 5

    private struct Sight {
        var fingerprint: String
        var objects: Int
        var bytes: Int64
        var newest: String
        /// What tells each object's state, by its key without the prefix; `nil` for more than are kept.
        ///
        /// By the key's bytes: texts that mean the same, such as an "é" of one sign and of two, are two keys.
        var states: [[UInt8]: String]?
    }

    /// What differs from the version before, for the evidence.
    private struct Difference {
        var counts: [String: Int] = [:]
        var names: [String: [String]] = [:]
    }

    private let settings: String
    private var settled: Sight?
    private var difference = Difference()
    /// What was seen since and has not been quiet for long enough: its fingerprint, since when, and when it began.
    private var pending: (fingerprint: String, since: Timestamp, first: Timestamp)?

    /// - Parameters:
    ///   - cursor: what the last look returned; anything else begins anew.
    ///   - settings: what the cursor has to have been made under.
    init(cursor: String?, settings: String) {
        self.settings = settings
        // An unreadable cursor is none: everything is then new.
        guard let cursor, let saved = try? JSONValue(parsing: cursor), saved["settings"]?.text == settings else {
            return
        }
        if let sight = saved["settled"], let fingerprint = sight["fingerprint"]?.text {
            settled = Sight(
                fingerprint: fingerprint,
                objects: Int(sight["objects"]?.integer ?? 0),
                bytes: sight["bytes"]?.integer ?? 0,
                newest: sight["newest"]?.text ?? "",
                states: sight["states"]?.list.map(Self.states)
            )
        }
        difference.counts = (saved["counts"]?.object ?? [:]).compactMapValues { $0.integer.map { Int($0) } }
        difference.names = (saved["names"]?.object ?? [:]).compactMapValues { $0.list?.compactMap(\.text) }
        if let waiting = saved["pending"], let fingerprint = waiting["fingerprint"]?.text,
            let since = waiting["since"]?.integer, let first = waiting["first"]?.integer
        {
            pending = (fingerprint, Timestamp(milliseconds: since), Timestamp(milliseconds: first))
        }
    }

    /// The version that counts now; call after ``see(_:at:quietPeriod:prefix:)``.
    var version: DataVersion { DataVersion("objects=\(settled?.objects ?? 0);\(settled?.fingerprint ?? "")") }

    mutating func see(_ entries: [ArtifactEntry], at now: Timestamp, quietPeriod: Duration, prefix: String) {
        let sight = Self.sight(of: entries, prefix)
        if sight.fingerprint == settled?.fingerprint {
            pending = nil
            return
        }
        // What is seen first is where everything begins: there is nothing it could be half of.
        if settled != nil, quietPeriod > .zero {
            let isSame = pending?.fingerprint == sight.fingerprint
            // A clock that was set back must not put it off: what lies ahead is taken for now.
            let since = isSame ? min(pending?.since ?? now, now) : now
            let first = min(pending?.first ?? now, now)
            guard now - since >= quietPeriod || now - first >= quietPeriod * 10 else {
                pending = (sight.fingerprint, since, first)
                return
            }
        }
        difference = Self.difference(from: settled, to: sight, prefix)
        settled = sight
        pending = nil
    }

    /// What is waited for, in words; `nil` when nothing is.
    func waits(for quietPeriod: Duration) -> String? {
        guard let pending else { return nil }
        return "objects changed, last at \(pending.since.iso8601); counts after \(quietPeriod.briefly) of quiet"
    }

    var values: [String: ObservedValue] {
        guard let settled else { return [:] }
        var values: [String: ObservedValue] = [
            "objects": .integer(Int64(settled.objects)), "bytes": .integer(settled.bytes),
        ]
        if !settled.newest.isEmpty { values["last_modified"] = .text(settled.newest) }
        for (name, count) in difference.counts { values[name] = .integer(Int64(count)) }
        for (name, keys) in difference.names where !keys.isEmpty {
            let more = (difference.counts[name] ?? 0) - keys.count
            values[name + "_keys"] = .text(keys.joined(separator: ", ") + (more > 0 ? " and \(more) more" : ""))
        }
        return values
    }

    var cursor: String {
        var saved: [String: JSONValue] = ["settings": .text(settings)]
        if let settled {
            saved["settled"] = [
                "fingerprint": .text(settled.fingerprint), "objects": .integer(Int64(settled.objects)),
                "bytes": .integer(settled.bytes), "newest": .text(settled.newest),
                "states": settled.states.map(Self.list) ?? .null,
            ]
        }
        saved["counts"] = .object(difference.counts.mapValues { .integer(Int64($0)) })
        saved["names"] = .object(difference.names.mapValues { .list($0.map { .text($0) }) })
        if let pending {
            saved["pending"] = [
                "fingerprint": .text(pending.fingerprint), "since": .integer(pending.since.milliseconds),
                "first": .integer(pending.first.milliseconds),
            ]
        }
        return JSONValue.object(saved).serialized()
    }

    private static func sight(of entries: [ArtifactEntry], _ prefix: String) -> Sight {
        var fingerprint = Fingerprint()
        var states: [[UInt8]: String] = [:]
        for entry in entries {
            let state = entry.state
            fingerprint.add(entry.key)
            fingerprint.add(state)
            if entries.count <= mostKeys { states[Array(entry.key.utf8.dropFirst(prefix.utf8.count))] = state }
        }
        return Sight(
            fingerprint: fingerprint.hexadecimal,
            objects: entries.count,
            bytes: entries.reduce(0) { $0 + $1.size },
            newest: entries.map(\.lastModified).max() ?? "",
            states: entries.count <= mostKeys ? states : nil
        )
    }

    private static func difference(from old: Sight?, to new: Sight, _ prefix: String) -> Difference {
        guard let before = old?.states, let after = new.states else { return Difference() }
        let kinds = [
            "new": after.keys.filter { before[$0] == nil },
            "overwritten": after.keys.filter { key in before[key].map { $0 != after[key] } ?? false },
            "deleted": before.keys.filter { after[$0] == nil },
        ]
        return Difference(
            counts: kinds.mapValues(\.count),
            names: kinds.mapValues { keys in
                let first = keys.sorted { $0.lexicographicallyPrecedes($1) }.prefix(mostNames)
                return first.map { String(decoding: Array(prefix.utf8) + $0, as: UTF8.self) }
            }
        )
    }

    // MARK: In a cursor

    /// Key, state, key, state and so on: the names of an object's members would be merged as texts are.
    private static func list(_ states: [[UInt8]: String]) -> JSONValue {
        let ordered = states.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return .list(ordered.flatMap { [.text(String(decoding: $0.key, as: UTF8.self)), .text($0.value)] })
    }

    private static func states(_ list: [JSONValue]) -> [[UInt8]: String] {
        var states: [[UInt8]: String] = [:]
        for index in stride(from: 0, to: list.count - 1, by: 2) {
            guard let key = list[index].text, let state = list[index + 1].text else { continue }
            states[Array(key.utf8)] = state
        }
        return states
    }
}
