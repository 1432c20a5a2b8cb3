package import FreshetKit

/// As much of a request as a gate looks at.
package struct AccessRequest: Sendable {
    package enum Transport: String, Hashable, Sendable, CaseIterable {
        case tcp
        case tls
        case unix
    }

    /// As it came, upper and lower case.
    package var method: String
    /// The second word of the request line, untouched.
    package var target: String
    package var transport: Transport
    /// The other side's address as a number, without its port; `nil` on a Unix socket.
    package var peer: String?
    package var headers: HTTPHeaders

    package init(
        _ method: String,
        _ target: String,
        over transport: Transport,
        from peer: String?,
        headers: HTTPHeaders = [:]
    ) {
        self.method = method
        self.target = target
        self.transport = transport
        self.peer = peer
        self.headers = headers
    }

    /// A header that may stand there once; which of two counts is a matter of taste, and two programs differ in it.
    private static let single = ["authorization", "host", "origin", "sec-fetch-site", "x-csrf-token"]

    /// The first header that is given twice; `nil` when all is well.
    var repeatedHeader: String? {
        Self.single.first { name in headers.fields.filter { $0.name.lowercased() == name }.count > 1 }
    }

    /// What stands behind the question mark; empty without one.
    var query: Substring {
        guard let mark = target.firstIndex(of: "?") else { return "" }
        return target[target.index(after: mark)...]
    }

    /// Whether it changes nothing (RFC 9110, section 9.2.1).
    var isSafe: Bool { ["GET", "HEAD", "OPTIONS"].contains(method) }

    /// Whether somebody could have led a browser into sending it: neither a token nor the Unix socket is in its reach.
    var mayBeBrowser: Bool { transport != .unix && bearer == nil }

    /// Whether it was passed on by a proxy, or came from a browser; neither speaks to a Unix socket on its own account.
    var isPassedOn: Bool {
        ["forwarded", "origin", "sec-fetch-site", "via", "x-forwarded-for", "x-real-ip"].contains { headers[$0] != nil }
    }

    /// What stands after `Bearer` (RFC 6750, section 2.1); `nil` without the header, empty for another scheme.
    var bearer: String? {
        guard let value = headers["Authorization"] else { return nil }
        let words = value.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return "" }
        return String(words[1])
    }
}
