import FreshetCore
import FreshetKit
import Testing

@testable import FreshetAccess

struct ListenerTests {
    static func listener(
        _ address: String,
        tls: Bool = false,
        login: Bool = false,
        proxies: [String] = [],
        url: String? = nil,
        insecure: Bool = false
    ) -> Listener {
        Listener(
            address: ListenAddress(address)!,
            hasTLS: tls,
            hasLogin: login,
            trustedProxies: proxies.map { AddressRange(parsing: $0)! },
            externalURL: url,
            isInsecureAllowed: insecure
        )
    }

    @Test(arguments: ["127.0.0.1:8640", "[::1]:8640", "localhost:8640", "127.8.9.1:80"])
    func `opens on loopback without more`(address: String) {
        #expect(Self.listener(address).problems == [])
    }

    @Test(arguments: ["192.0.2.5:8640", "10.0.0.1:8640", "freshet.example.com:8640", "[2001:db8::1]:8640"])
    func `opens to others only with login and TLS`(address: String) {
        let text = ListenAddress(address)!.description
        #expect(Self.listener(address).problems == [.noLogin(text), .noTLS(text)])
        #expect(Self.listener(address, login: true).problems == [.noTLS(text)])
        #expect(Self.listener(address, tls: true).problems == [.noLogin(text)])
        #expect(Self.listener(address, tls: true, login: true).problems == [])
        #expect(Self.listener(address, login: true, proxies: ["10.0.0.7"]).problems == [])
        #expect(Self.listener(address, insecure: true).problems == [])
        #expect(Self.listener(address, insecure: true).isInsecure)
        #expect(!Self.listener(address, tls: true, insecure: true).isInsecure)
    }

    @Test(arguments: ["0.0.0.0:8640", "[::]:8640"])
    func `needs to know its name where it listens on every address`(address: String) {
        let text = ListenAddress(address)!.description
        #expect(Self.listener(address, tls: true, login: true).problems == [.noExternalURL(text)])
        #expect(Self.listener(address, tls: true, login: true, url: "https://freshet.test").problems == [])
        #expect(Self.listener(address, insecure: true).problems == [.noExternalURL(text)])
    }

    @Test func `does not believe everybody`() {
        let all = Self.listener("127.0.0.1:8640", proxies: ["0.0.0.0/0", "::/0", "10.0.0.0/8"])
        #expect(all.problems == [.trustsEverybody("0.0.0.0/0"), .trustsEverybody("::/0")])
    }

    @Test(arguments: [
        "freshet.test", "ftp://freshet.test", "https://freshet.test/path", "https://a@freshet.test", "https://",
    ])
    func `takes only the address of a site`(url: String) {
        #expect(Self.listener("127.0.0.1:8640", url: url).problems == [.badExternalURL(url)])
    }

    @Test func `wants the proxy to end TLS`() {
        let plain = Self.listener("10.0.0.1:8640", login: true, proxies: ["10.0.0.7"], url: "http://freshet.test")
        #expect(plain.problems == [.plainExternalURL("http://freshet.test")])
    }

    @Test func `says what to do`() {
        for problem in Self.listener("0.0.0.0:8640").problems {
            #expect(problem.description.contains("0.0.0.0:8640"))
        }
        #expect(ListenerProblem.noLogin("x").description.contains("freshet users add"))
        #expect(ListenerProblem.noTLS("x").description.contains("trusted_proxies"))
    }

    @Test func `goes by the names that browsers may open`() {
        let origins = Self.listener("127.0.0.1:8640", url: "https://freshet.test/").sites.map(\.origin)
        #expect(
            origins == [
                "https://freshet.test", "http://127.0.0.1:8640", "http://localhost:8640", "http://[::1]:8640",
            ]
        )
        #expect(
            Self.listener("0.0.0.0:443", tls: true, url: "https://freshet.test:8443").sites.map(\.origin) == [
                "https://freshet.test:8443"
            ]
        )
        #expect(Self.listener("192.0.2.5:443", tls: true).sites.map(\.origin) == ["https://192.0.2.5"])
    }

    @Test(arguments: [
        ("freshet.test", true), ("FRESHET.test", true), ("freshet.test:443", true), ("freshet.test:80", false),
        ("freshet.test.evil.test", false), ("evil.test", false), ("freshet.test:", false), ("freshet.test:x", false),
        ("a@freshet.test", false), ("freshet.test/", false), ("", false), ("freshet.test:443:443", false),
    ])
    func `knows its name in a Host header`(host: String, isOurs: Bool) throws {
        #expect(try #require(Site(url: "https://freshet.test")).isNamed(by: host) == isOurs)
    }
}

struct ClientAddressTests {
    let listener = ListenerTests.listener("127.0.0.1:8640", proxies: ["127.0.0.1", "10.0.0.0/8", "2001:db8::/32"])

    @Test(
        arguments: [
            ("192.0.2.1", [], "192.0.2.1"),
            ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
            ("127.0.0.1", [], "127.0.0.1"),
            ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", ["1.1.1.1, 203.0.113.9, 10.2.3.4"], "203.0.113.9"),
            ("127.0.0.1", ["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", ["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
            ("127.0.0.1", ["nonsense"], "127.0.0.1"),
            ("127.0.0.1", ["203.0.113.9, unknown, 10.2.3.4"], "10.2.3.4"),
            ("2001:db8::1", ["2001:4860::8"], "2001:4860::8"),
        ] as [(String, [String], String)]
    )
    func `is the nearest that is not ours`(peer: String, forwarded: [String], client: String) {
        #expect(listener.client(peer: peer, forwarded: forwarded) == client)
    }
}
