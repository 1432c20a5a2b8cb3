import FreshetKit
import Testing

struct `Guarded addresses` {
    private func refusal(_ text: String, _ egress: Egress = Egress()) throws -> String? {
        egress.refusal(of: try #require(AddressRange.address(text)))
    }

    @Test(arguments: ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1", "2606:4700::1111"])
    func `are public ones without further words`(text: String) throws {
        #expect(try refusal(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", "loopback"), ("127.255.0.9", "loopback"), ("::1", "loopback"), ("10.0.0.1", "private"),
        ("172.16.0.1", "private"), ("172.31.255.255", "private"), ("192.168.1.1", "private"), ("fd12::1", "private"),
        ("100.64.0.1", "shared by a carrier"), ("169.254.1.1", "link-local"), ("fe80::1", "link-local"),
        ("224.0.0.1", "multicast or broadcast"), ("255.255.255.255", "multicast or broadcast"),
        ("0.0.0.0", "unspecified"), ("::", "unspecified"), ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::10.0.0.1", "private"), ("2002:7f00:1::1", "reserved"), ("198.18.0.1", "reserved"),
    ])
    func `refuse what is not for the public, in each spelling`(text: String, reason: String) throws {
        #expect(try refusal(text) == reason)
    }

    @Test func `may be private where that is allowed, and never link-local by it`() throws {
        let egress = Egress(allowsPrivate: true)
        for text in ["127.0.0.1", "10.0.0.1", "fd12::1", "100.64.0.1"] { #expect(try refusal(text, egress) == nil) }
        for text in ["169.254.1.1", "fe80::1", "0.0.0.0", "224.0.0.1"] { #expect(try refusal(text, egress) != nil) }
    }

    @Test func `may be those that are listed, and nothing beside them`() throws {
        let egress = Egress(allowed: ["10.1.0.0/16", "169.254.7.7"].compactMap { AddressRange(parsing: $0) })
        #expect(try refusal("10.1.2.3", egress) == nil)
        #expect(try refusal("::ffff:10.1.2.3", egress) == nil)
        #expect(try refusal("169.254.7.7", egress) == nil)
        #expect(try refusal("10.2.0.1", egress) == "private")
    }

    @Test(arguments: ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "169.254.170.2"])
    func `are never where clouds hand out credentials, whatever is allowed`(text: String) throws {
        let all = ["0.0.0.0/0", "::/0"].compactMap { AddressRange(parsing: $0) }
        #expect(all.count == 2)
        #expect(try refusal(text, Egress(allowsPrivate: true, allowed: all)) == "the metadata service of a cloud")
    }

    @Test(arguments: [
        "10.1.0.0/8", "10.0.0.0/33", "10.0.0/8", "host", "", "::/129", "10.0.0.0/", "10.0.0.0/-1", "1/8/8",
    ])
    func `cannot be stated by a slip`(text: String) {
        #expect(AddressRange(parsing: text) == nil)
    }

    @Test func `without an address are refused`() {
        #expect(Egress().refusal(of: []) != nil)
        #expect(Egress(allowsPrivate: true).refusal(of: [1, 2]) != nil)
    }
}
