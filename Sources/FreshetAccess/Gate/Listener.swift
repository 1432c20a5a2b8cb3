package import FreshetKit

/// Where the API and the pages are to be reached by the network, as a project states it.
package struct Listener: Hashable, Sendable {
    package var address: ListenAddress
    /// A certificate and its key are given.
    package var hasTLS: Bool
    /// Somebody can sign in without being on this machine: a user with a password, or OIDC.
    package var hasLogin: Bool
    /// Proxies in front, which end TLS and whose `X-Forwarded-For` is believed.
    package var trustedProxies: [AddressRange]
    /// What browsers open, such as `https://freshet.example.com`.
    package var externalURL: String?
    /// `--insecure-listen`.
    package var isInsecureAllowed: Bool

    package init(
        address: ListenAddress,
        hasTLS: Bool = false,
        hasLogin: Bool = false,
        trustedProxies: [AddressRange] = [],
        externalURL: String? = nil,
        isInsecureAllowed: Bool = false
    ) {
        self.address = address
        self.hasTLS = hasTLS
        self.hasLogin = hasLogin
        self.trustedProxies = trustedProxies
        self.externalURL = externalURL
        self.isInsecureAllowed = isInsecureAllowed
    }

    /// Everything that speaks against listening there; empty when it may.
    ///
    /// Login is on everywhere, on loopback too. What is asked for here besides is that passwords and cookies of others
    /// than this machine's users cross no network in the clear, and that nobody waits at a door that has no key.
    package var problems: [ListenerProblem] {
        var problems: [ListenerProblem] = []
        if let url = externalURL, Site(url: url) == nil { problems.append(.badExternalURL(url)) }
        problems += trustedProxies.filter { $0.prefix == 0 }
            .map { .trustsEverybody($0.bytes.count == 4 ? "0.0.0.0/0" : "::/0") }
        guard !address.isLoopback else { return problems }
        if isWildcard, externalURL == nil { problems.append(.noExternalURL(address.description)) }
        guard !isInsecureAllowed else { return problems }
        if !hasLogin { problems.append(.noLogin(address.description)) }
        if !hasTLS, trustedProxies.isEmpty { problems.append(.noTLS(address.description)) }
        if !hasTLS, !trustedProxies.isEmpty, let url = externalURL, Site(url: url)?.isSecure == false {
            problems.append(.plainExternalURL(url))
        }
        return problems
    }

    /// Whether it is open to others with no TLS in sight, so that pages and logs have to say so.
    package var isInsecure: Bool { !address.isLoopback && isInsecureAllowed && !hasTLS && trustedProxies.isEmpty }

    /// The addresses that browsers may know this server by, the one for others first.
    package var sites: [Site] {
        var sites: [Site] = []
        if let url = externalURL, let site = Site(url: url) { sites.append(site) }
        if address.isLoopback {
            sites += ["127.0.0.1", "localhost", "::1"].map { Site(host: $0, port: address.port, isSecure: hasTLS) }
        }
        if !isWildcard { sites.append(Site(host: address.host, port: address.port, isSecure: hasTLS)) }
        var seen: Set<Site> = []
        return sites.filter { seen.insert($0).inserted }
    }

    /// The site that a `Host` header names; a request for any other host is refused, so that a name that an attacker
    /// points here (DNS rebinding) opens nothing.
    ///
    /// Names of the machine itself count with any port: no attacker has them, and tunnels change ports.
    func site(named host: String) -> Site? {
        if let site = sites.first(where: { $0.isNamed(by: host) }) { return site }
        guard address.isLoopback, let site = Site(url: (hasTLS ? "https://" : "http://") + host) else { return nil }
        return Self.ownNames.contains { site.authority == $0 || site.authority.hasPrefix($0 + ":") } ? site : nil
    }

    private static let ownNames = ["127.0.0.1", "localhost", "[::1]"]

    private var isWildcard: Bool { address.host == "0.0.0.0" || address.host == "::" }

    /// Who really asks: the peer, or whom the nearest proxy that is not ours speaks for.
    ///
    /// Of the values of `X-Forwarded-For`, in order, only what our own proxies added, from the right, is believed; anybody
    /// can write what stands before.
    package func client(peer: String?, forwarded: [String]) -> String? {
        guard var client = peer, isTrusted(client) else { return peer }
        let named = forwarded.joined(separator: ",").split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        for address in named.reversed() {
            guard AddressRange.address(address) != nil else { return client }
            client = address
            if !isTrusted(client) { return client }
        }
        return client
    }

    private func isTrusted(_ address: String) -> Bool {
        guard let bytes = AddressRange.address(address) else { return false }
        return trustedProxies.contains { $0.contains(bytes) }
    }
}

/// Why a listener is not opened.
package enum ListenerProblem: Hashable, Sendable, CustomStringConvertible {
    case badExternalURL(String)
    case noExternalURL(String)
    case noLogin(String)
    case noTLS(String)
    case plainExternalURL(String)
    case trustsEverybody(String)

    /// What, where and what to do.
    package var description: String {
        switch self {
        case .badExternalURL(let url):
            "external_url '\(url)' is not the address of a site; write it as https://freshet.example.com, without a path"
        case .noExternalURL(let address):
            "listening on \(address), every address of the machine, needs external_url: what browsers open, such as "
                + "https://freshet.example.com"
        case .noLogin(let address):
            "nobody could sign in on \(address): add somebody with 'freshet users add <name> --role admin', or state "
                + "server.oidc; until then listen on 127.0.0.1"
        case .noTLS(let address):
            "passwords would cross the network in the clear on \(address): state server.tls, or "
                + "trusted_proxies with the addresses of the proxy that ends TLS; or listen on 127.0.0.1"
        case .plainExternalURL(let url):
            "external_url '\(url)' is not encrypted; a proxy in trusted_proxies has to end TLS, so write https"
        case .trustsEverybody(let range):
            "trusted_proxies has \(range), which believes anybody about who they are; name the addresses of the proxies"
        }
    }
}
