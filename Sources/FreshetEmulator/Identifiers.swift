/// A source of ids and tokens: distinct, not secret, and the same again for the same seed.
struct Identifiers: Codable, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A GUID of version 4 in lower case.
    mutating func guid() -> String {
        var bytes = (0..<2).flatMap { _ in word() }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Digest.hex(bytes)
        var out = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { out += "-" }
            out.append(digit)
        }
        return out
    }

    /// An opaque text of 64 hexadecimal digits.
    mutating func token() -> String { Digest.hex((0..<4).flatMap { _ in word() }) }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    private mutating func word() -> [UInt8] {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        mixed ^= mixed >> 31
        return (0..<8).map { UInt8(truncatingIfNeeded: mixed >> ($0 * 8)) }
    }
}
