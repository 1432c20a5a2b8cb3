/// Lets through what a program writes up to a limit; of the rest it keeps only the end.
struct OutputGate {
    /// How much of the end is kept.
    static let tailSize = 16 << 10

    private var left: Int64
    private(set) var dropped: Int64 = 0
    private var tails: [KeeperFrame: [UInt8]] = [:]
    private var droppedByStream: [KeeperFrame: Int64] = [:]

    init(limit: Int64?) { left = limit ?? .max }

    /// What of these bytes is passed on now.
    mutating func pass(_ bytes: UnsafeRawBufferPointer, of stream: KeeperFrame) -> UnsafeRawBufferPointer {
        let passed = Int(min(Int64(bytes.count), left))
        left -= Int64(passed)
        let rest = UnsafeRawBufferPointer(rebasing: bytes[passed...])
        if !rest.isEmpty {
            dropped += Int64(rest.count)
            droppedByStream[stream, default: 0] += Int64(rest.count)
            var tail = tails.removeValue(forKey: stream) ?? []
            if rest.count >= Self.tailSize {
                tail = Array(rest.suffix(Self.tailSize))
            } else {
                tail += rest
                if tail.count > 4 * Self.tailSize { tail.removeFirst(tail.count - Self.tailSize) }
            }
            tails[stream] = tail
        }
        return UnsafeRawBufferPointer(rebasing: bytes[..<passed])
    }

    /// What is missing of a stream, and its last whole lines; `nil` when nothing is.
    func ending(of stream: KeeperFrame) -> (missing: Int64, tail: ArraySlice<UInt8>)? {
        guard let count = droppedByStream[stream], let all = tails[stream] else { return nil }
        var tail = all.suffix(Self.tailSize)
        if Int64(tail.count) < count || left == 0 {
            // Its first line begins somewhere else.
            tail = tail.firstIndex(of: UInt8(ascii: "\n")).map { tail[($0 + 1)...] } ?? tail
        }
        return (count - Int64(tail.count), tail)
    }
}
