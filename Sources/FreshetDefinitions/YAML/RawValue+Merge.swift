extension RawValue {
    /// What is effective when `upper` is stated over this value: objects merge entry by entry, all else is replaced.
    ///
    /// The order is that of this value, followed by what only `upper` has.
    func merged(with upper: RawValue) -> RawValue {
        guard let entries, let added = upper.entries else { return upper }
        guard !entries.isEmpty else { return upper }
        var merged = entries
        // One object rarely has more than a dozen keys, but a model's tables may be thousands.
        let positions: [String: Int]? =
            entries.count < 12 ? nil : Dictionary(entries.indices.map { (entries[$0].key, $0) }) { first, _ in first }
        for entry in added {
            let position = positions.map { $0[entry.key] } ?? entries.firstIndex { $0.key == entry.key }
            guard let position else {
                merged.append(entry)
                continue
            }
            merged[position].keyOrigin = entry.keyOrigin
            merged[position].value = merged[position].value.merged(with: entry.value)
        }
        return RawValue(.map(merged), at: upper.origin)
    }
}
