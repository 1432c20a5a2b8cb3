private import Glibc

/// A network address with the number of its leading bits that count, such as `10.0.0.0/8` or `fd00::/8`.
public struct AddressRange: Hashable, Sendable {
    /// 4 or 16, in network order.
    public let bytes: [UInt8]
    /// 0 to 32, or to 128.
    public let prefix: Int

    /// Takes an address alone for the range that holds nothing else.
    ///
    /// - Returns: `nil` for what is no such text, and where bits behind the prefix are set.
    public init?(parsing text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = Self.address(String(parts[0])) else { return nil }
        var prefix = address.count * 8
        if parts.count == 2 {
            let isPlain = parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isPlain, let stated = Int(parts[1]), stated <= prefix else { return nil }
            prefix = stated
        }
        self.bytes = address
        self.prefix = prefix
        // A slip such as 10.1.0.0/8 would allow more than its reader thinks.
        guard Self.masked(address, prefix) == address else { return nil }
    }

    public func contains(_ address: [UInt8]) -> Bool {
        address.count == bytes.count && Self.masked(address, prefix) == bytes
    }

    /// An address of either kind in network order; `nil` for what is none.
    public static func address(_ text: String) -> [UInt8]? {
        for (family, size) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: size)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    private static func masked(_ address: [UInt8], _ prefix: Int) -> [UInt8] {
        address.enumerated().map { index, byte in
            let bits = min(8, max(0, prefix - index * 8))
            return byte & UInt8(truncatingIfNeeded: 0xFF00 >> bits)
        }
    }
}
