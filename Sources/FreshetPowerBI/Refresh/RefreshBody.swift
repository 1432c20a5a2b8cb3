internal import FreshetCore
internal import FreshetKit

/// The body of a refresh request.
struct RefreshBody: Hashable, Sendable {
    /// Compact JSON with sorted keys: equal requests are equal texts.
    var text: String
    /// As in ``RemoteOperation/objects``.
    var objects: [String]

    var fingerprint: String {
        var hash = Fingerprint()
        hash.add(text)
        return hash.hexadecimal
    }
}

extension RefreshOptions {
    /// What to ask for.
    ///
    /// Any field but `notifyOption` makes a refresh an enhanced one, and `notifyOption` must not stand beside them; a
    /// standard one needs no field at all.
    func body(for extent: Extent) -> RefreshBody {
        if isStandard {
            let only = notifyOption.map { ["notifyOption": JSONValue.text($0.wireName)] } ?? [:]
            return RefreshBody(text: JSONValue.object(only).serialized(), objects: [])
        }
        var members: [String: JSONValue] = ["type": .text(type.wireName), "commitMode": .text(commitMode.wireName)]
        let objects: [RefreshObject] =
            switch widened(extent) {
            case .whole: []
            case .parts(let parts): parts.sorted().flatMap(objects)
            }
        if !objects.isEmpty { members["objects"] = .list(objects.map(\.json)) }
        members["maxParallelism"] = maxParallelism.map { .integer(Int64($0)) }
        members["retryCount"] = retryCount.map { .integer(Int64($0)) }
        members["timeout"] = timeout.map { .text(Self.clockText($0)) }
        // A policy would rather choose the partitions itself, and works only within one transaction: the service takes
        // such a request and fails it later. Otherwise its own default stands, so that new partitions are made.
        let excludesPolicy = commitMode == .partialBatch || objects.contains { $0.partition != nil }
        members["applyRefreshPolicy"] = (excludesPolicy ? false : applyRefreshPolicy).map { .boolean($0) }
        members["effectiveDate"] = effectiveDate.map { .text(PowerBITime.format($0)) }
        return RefreshBody(text: JSONValue.object(members).serialized(), objects: objects.map(\.name))
    }

    /// The whole model where so many of its tables changed that nothing is saved by naming them.
    func widened(_ extent: Extent) -> Extent {
        guard case .parts(let parts) = extent, let fullAbove, !tables.isEmpty else { return extent }
        return Double(parts.count) / Double(tables.count) > fullAbove ? .whole : extent
    }

    private func objects(ofTable table: String) -> [RefreshObject] {
        let partitions = tables[table]?.partitions ?? []
        return partitions.isEmpty
            ? [RefreshObject(table: table)] : partitions.sorted().map { RefreshObject(table: table, partition: $0) }
    }

    /// `02:30:00`.
    private static func clockText(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        return [seconds / 3600, seconds / 60 % 60, seconds % 60].map { ($0 < 10 ? "0" : "") + String($0) }
            .joined(separator: ":")
    }
}

extension RefreshObject {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["table": .text(table)]
        members["partition"] = partition.map { .text($0) }
        return .object(members)
    }
}
