import FreshetKit

enum NetworkAddress {
    /// 16 bytes of an IPv6 address; `nil` for one of IPv4, also when it is written as one of IPv6.
    static func bytes(_ text: String) -> [UInt8]? {
        guard let bytes = AddressRange.address(text), bytes.count == 16 else { return nil }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? nil : bytes
    }
}
