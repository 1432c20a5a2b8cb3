/// Values, counted by how great they are.
package struct Histogram: Hashable, Sendable {
    /// The upper ends of the buckets, ascending; each belongs to its bucket.
    package let bounds: [Double]
    /// How many are in each bucket, but not in the one before.
    package private(set) var counts: [Int]
    /// Of all values, those beyond the last bucket included.
    package private(set) var count = 0
    package private(set) var sum = 0.0

    package init(bounds: [Double]) {
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.count)
    }

    /// Counts a value; one below zero, as a clock that was set back makes it, counts as zero.
    package mutating func observe(_ value: Double) {
        let value = max(0, value)
        if let place = bounds.firstIndex(where: { value <= $0 }) { counts[place] += 1 }
        count += 1
        sum += value
    }
}
