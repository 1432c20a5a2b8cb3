/// A 128-bit FNV-1a hash (Fowler, Noll and Vo; draft-eastlake-fnv) over texts, each preceded by its length.
///
/// It tells versions apart; it does not resist an attacker who chooses the texts.
public struct Fingerprint: Sendable {
    private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b

    public init() {}

    /// Adds a text; `"1" + "23"` and `"12" + "3"` differ.
    public mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var count = UInt64(bytes.count)
            for _ in 0..<8 {
                add(UInt8(truncatingIfNeeded: count))
                count >>= 8
            }
            for byte in bytes { add(byte) }
        }
    }

    private mutating func add(_ byte: UInt8) {
        state ^= UInt128(byte)
        state = state &* Self.prime
    }

    /// 32 lower-case digits.
    public var hexadecimal: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
