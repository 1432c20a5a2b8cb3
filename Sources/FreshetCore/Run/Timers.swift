/// Moments by key, the earliest first; each key has at most one.
///
/// A binary heap that a moment stays in when its key gets another; it is passed over when it comes up. Each operation
/// takes logarithmic time, spread over many.
package struct Timers<Key: Hashable & Comparable & Sendable>: Sendable {
    private struct Entry: Comparable, Sendable {
        var moment: Timestamp
        var key: Key
        static func < (lhs: Entry, rhs: Entry) -> Bool { (lhs.moment, lhs.key) < (rhs.moment, rhs.key) }
    }

    private var moments: [Key: Timestamp] = [:]
    private var heap: [Entry] = []

    package init() {}

    /// The earliest moment.
    package var first: Timestamp? { heap.first?.moment }

    package func contains(_ key: Key) -> Bool { moments[key] != nil }

    /// Sets the key's only moment.
    package mutating func set(_ key: Key, _ moment: Timestamp) {
        guard moments.updateValue(moment, forKey: key) != moment else { return }
        push(Entry(moment: moment, key: key))
        dropOutdated()
    }

    package mutating func clear(_ key: Key) {
        guard moments.removeValue(forKey: key) != nil else { return }
        dropOutdated()
    }

    /// Takes out what is due, the earliest first.
    package mutating func due(at now: Timestamp) -> [Key] {
        var due: [Key] = []
        while let entry = heap.first, entry.moment <= now {
            moments[entry.key] = nil
            due.append(entry.key)
            pop()
            dropOutdated()
        }
        return due
    }

    /// Keeps the first entry one that counts, and the heap at most twice as long as there are keys.
    private mutating func dropOutdated() {
        while let entry = heap.first, moments[entry.key] != entry.moment { pop() }
        if heap.count > 2 * moments.count + 16 {
            heap = moments.map { Entry(moment: $0.value, key: $0.key) }.sorted()
        }
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return }
            let child = left + 1 < heap.count && heap[left + 1] < heap[left] ? left + 1 : left
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
