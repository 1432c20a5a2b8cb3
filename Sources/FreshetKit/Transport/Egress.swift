/// Which addresses a request may be sent to: public ones, and what is allowed beside them.
///
/// The transport asks for the address that it is about to connect to, after names have been resolved. So a name that
/// leads to another address at its second resolution, a redirect, and odd spellings of an address are all the same.
///
/// - SeeAlso: the IANA special-purpose address registries (RFC 6890); OWASP, "Server-Side Request Forgery Prevention".
public struct Egress: Hashable, Sendable {
    /// Allows loopback and the networks that sites number by themselves; never link-local addresses.
    public var allowsPrivate: Bool
    /// Allowed whatever else holds, but for the metadata services of clouds.
    public var allowed: [AddressRange]

    public init(allowsPrivate: Bool = false, allowed: [AddressRange] = []) {
        self.allowsPrivate = allowsPrivate
        self.allowed = allowed
    }

    /// Why an address must not be connected to, such as `link-local`; `nil` when it may be.
    ///
    /// It has 4 or 16 bytes in network order; anything else is refused.
    public func refusal(of address: [UInt8]) -> String? {
        let address = Self.unwrapped(address)
        if Self.metadata.contains(where: { $0.contains(address) }) { return "the metadata service of a cloud" }
        if allowed.contains(where: { $0.contains(address) }) { return nil }
        guard address.count == 4 || address.count == 16 else { return "of an unknown form" }
        if let (name, _) = Self.siteRanges.first(where: { $0.range.contains(address) }) {
            return allowsPrivate ? nil : name
        }
        return Self.otherRanges.first { $0.range.contains(address) }?.name
    }

    /// The IPv4 address that an IPv6 one stands for: mapped (RFC 4291) or by NAT64 (RFC 6052).
    private static func unwrapped(_ address: [UInt8]) -> [UInt8] {
        guard address.count == 16 else { return address }
        let isWrapped = wrappers.contains { $0.contains(address) }
        return isWrapped ? Array(address[12...]) : address
    }

    private static let wrappers = ranges("::ffff:0:0/96", "64:ff9b::/96")

    /// Where clouds hand out a machine's credentials: only code that signs in by them asks there, unguarded.
    private static let metadata = ranges(
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "fd00:ec2::254",
        "fd00:ec2::23"
    )

    private static let siteRanges = [
        ("loopback", ranges("127.0.0.0/8", "::1")),
        ("private", ranges("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")),
        ("shared by a carrier", ranges("100.64.0.0/10")),
    ].flatMap { name, ranges in ranges.map { (name: name, range: $0) } }

    private static let otherRanges = [
        ("link-local", ranges("169.254.0.0/16", "fe80::/10")),
        ("multicast or broadcast", ranges("224.0.0.0/4", "255.255.255.255", "ff00::/8")),
        ("unspecified", ranges("0.0.0.0/8", "::/96")),
        (
            "reserved",
            ranges(
                "192.0.0.0/24",
                "192.0.2.0/24",
                "192.88.99.0/24",
                "198.18.0.0/15",
                "198.51.100.0/24",
                "203.0.113.0/24",
                "240.0.0.0/4",
                "64:ff9b:1::/48",
                "100::/64",
                "2001::/23",
                "2001:db8::/32",
                "2002::/16",
                "3fff::/20",
                "5f00::/16"
            )
        ),
    ].flatMap { name, ranges in ranges.map { (name: name, range: $0) } }

    private static func ranges(_ texts: String...) -> [AddressRange] { texts.compactMap { AddressRange(parsing: $0) } }
}
