public import FreshetCore

/// Identifiers that sort by the time they were made.
public enum Identifier {
    /// A UUID of version 7 (RFC 9562, section 5.7), in its usual text form.
    ///
    /// - Parameters:
    ///   - now: gives the first 48 bits.
    ///   - chance: uniform values in 0..<1 for the rest.
    /// - Returns: 36 characters in lower case.
    public static func timeOrdered(at now: Timestamp, chance: () -> Double) -> String {
        var bytes: [UInt8] = []
        for shift in stride(from: 40, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: now.milliseconds >> Int64(shift)))
        }
        for _ in 0..<10 { bytes.append(UInt8(chance() * 256)) }
        bytes[6] = 0x70 | (bytes[6] & 0x0F)
        bytes[8] = 0x80 | (bytes[8] & 0x3F)
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16]
        return groups.map { digits[$0].joined() }.joined(separator: "-")
    }
}
