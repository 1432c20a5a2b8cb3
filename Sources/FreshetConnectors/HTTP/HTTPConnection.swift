private import FreshetCore
package import FreshetKit

/// A server that is read by HTTP.
///
/// Requests go to public addresses only, unless others are allowed here; see ``FreshetKit/Egress``.
package struct HTTPConnection: Connection {
    package static let name = "http"
    package static let summary = "A server that is read by HTTP or HTTPS."
    package static let fields = [
        Field("base_url", .text, required: true, "What the paths of its resources begin with, such as https://h/api."),
        Field("headers", .map(.secret), "Sent with each request, such as Authorization; not to another host."),
        Field("ca_file", .text, "A PEM file of the authorities to trust, in place of the system's."),
        Field(
            "allow_private",
            .boolean,
            default: "false",
            "Whether it may lie on this machine or in a private network; never at a link-local address."
        ),
        Field("allow", .list(.text), "Addresses that it may have beside public ones, such as 10.1.0.0/16."),
        Field(
            "proxy",
            .boolean,
            default: "false",
            "Whether to go through the proxy of the environment, which then has to guard where requests go."
        ),
        Field("timeout", .duration, default: "30s", "For a whole answer."),
    ]
    package static let examples = [
        "{base_url: https://api.example.com/v1}",
        """
        base_url: https://rates.internal:8443
        headers: {Authorization: "Bearer ${secret:file/rates_token}"}
        ca_file: certificates/internal.pem
        allow: [10.1.0.0/16]
        """,
    ]

    private let baseURL: String
    private let headers: [(name: String, value: String)]
    private let caFile: String?
    private let usesProxy: Bool
    private let timeout: Duration
    private let egress: Egress
    private let surroundings: Surroundings

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        self.surroundings = surroundings
        baseURL = try settings.requiredText("base_url")
        guard baseURL.hasPrefix("https://") || baseURL.hasPrefix("http://") || baseURL.hasPrefix("${") else {
            throw Diagnostic(
                "'base_url' has to begin with https:// or http://",
                at: settings.origin(of: "base_url")
            )
        }
        var headers: [(name: String, value: String)] = []
        let stated = settings.object("headers")
        for entry in stated.value.entries { headers.append((entry.key, try stated.text(entry.key) ?? "")) }
        self.headers = headers
        caFile = try settings.text("ca_file")
        usesProxy = try settings.boolean("proxy") ?? false
        timeout = try settings.duration("timeout") ?? .seconds(30)
        guard timeout > .zero else {
            throw Diagnostic("'timeout' has to be more than zero", at: settings.origin(of: "timeout"))
        }
        var allowed: [AddressRange] = []
        for text in try settings.texts("allow") {
            guard let range = AddressRange(parsing: text) else {
                throw Diagnostic(
                    "'\(text)' is not an address or a range of addresses",
                    at: settings.origin(of: "allow"),
                    hint: "write 10.1.0.0/16 or fd12::/16, with no bit set behind the prefix"
                )
            }
            allowed.append(range)
        }
        egress = Egress(allowsPrivate: try settings.boolean("allow_private") ?? false, allowed: allowed)
    }

    /// What a request asks for beside where.
    struct Ask: Sendable {
        var method = "GET"
        var path = ""
        /// Beside the connection's own; these are sent wherever a redirect leads.
        var headers: HTTPHeaders = [:]
        /// What an earlier answer says of its own address; sent to that alone.
        var conditions: HTTPHeaders = [:]
        /// Where that earlier answer came from.
        var place: HTTPPlace?
        var maxBodySize: Int
    }

    /// What came back, and from where in the end.
    struct Answer: Sendable {
        var response: HTTPResponse
        /// Without its query, which may hold what is secret.
        var shownURL: String
        var place: HTTPPlace?
        var requests: Int
    }

    /// Follows at most three redirects: not from https to http, and to another host without the connection's headers.
    func send(_ ask: Ask) async throws(HTTPResourceError) -> Answer {
        var headers: HTTPHeaders = [:]
        var url: String
        var caFile: String?
        do throws(SecretError) {
            let secrets = surroundings.secrets
            url = Self.join(try await secrets.resolve(baseURL), ask.path)
            for header in self.headers {
                let value = try await secrets.resolve(header.value)
                surroundings.redactor.learn(value)
                headers[header.name] = value
            }
            if let stated = self.caFile {
                let path = try await secrets.resolve(stated)
                caFile = path.hasPrefix("/") ? path : "\(surroundings.root)/\(path)"
            }
        } catch {
            throw .noCredentials(error)
        }
        let stated = url
        var requests = 0
        while true {
            let place = HTTPPlace(of: url, stated: stated)
            let conditions = place == ask.place ? ask.conditions : [:]
            var sent = ask.headers
            for field in conditions.fields + headers.fields { sent[field.name] = field.value }
            let request = HTTPRequest(
                ask.method,
                url,
                headers: sent,
                timeout: timeout,
                isDirect: !usesProxy,
                maxBodySize: ask.maxBodySize,
                caFile: caFile,
                egress: usesProxy ? nil : egress
            )
            requests += 1
            let response: HTTPResponse
            do throws(HTTPError) {
                response = try await surroundings.transport.send(request)
            } catch {
                throw .noAnswer(error)
            }
            guard [301, 302, 303, 307, 308].contains(response.status), let location = response.headers["Location"]
            else {
                // "The same" is an answer only to whoever asked for it.
                guard response.status != 304 || !conditions.fields.isEmpty else {
                    throw .refused(status: 304, url: Self.shown(url))
                }
                return Answer(response: response, shownURL: Self.shown(url), place: place, requests: requests)
            }
            guard requests <= 3 else { throw .redirected("more than three times") }
            guard let next = Self.resolve(location, against: url) else { throw .redirected("to no address") }
            if url.hasPrefix("https://"), !next.hasPrefix("https://") { throw .redirected("from https to http") }
            if Self.origin(of: next) != Self.origin(of: url) { headers = [:] }
            url = next
        }
    }

    /// Forgets what the headers were made of: the other side does not take it, and there may be newer.
    func refused() async {
        for header in headers { await surroundings.secrets.forget(header.value) }
    }

    // MARK: URLs

    static func join(_ base: String, _ path: String) -> String {
        if path.isEmpty { return base }
        let base = base.withoutTrailingSlashes
        return path.hasPrefix("/") || path.hasPrefix("?") ? base + path : "\(base)/\(path)"
    }

    /// Scheme, host and port, in small letters.
    static func origin(of url: String) -> String {
        guard let start = url.firstRange(of: "://")?.upperBound else { return "" }
        return (url[..<start] + url[start...].prefix { !"/?#".contains($0) }).lowercased()
    }

    /// - SeeAlso: RFC 3986, section 5.2, for the forms that servers send.
    static func resolve(_ location: String, against url: String) -> String? {
        let location = location.prefix { $0 != "#" }
        if location.hasPrefix("http://") || location.hasPrefix("https://") { return String(location) }
        let origin = origin(of: url)
        guard !origin.isEmpty, !location.isEmpty else { return nil }
        if location.hasPrefix("//") { return url.prefix { $0 != ":" } + ":" + location }
        if location.hasPrefix("/") { return origin + location }
        guard !location.prefix(while: { $0 != "/" }).contains(":") else { return nil }
        let path = url.dropFirst(origin.count).prefix { $0 != "?" && $0 != "#" }
        if location.hasPrefix("?") { return origin + path + location }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return origin + folder + location
    }

    private static func shown(_ url: String) -> String { url.contains("?") ? url.prefix { $0 != "?" } + "?…" : url }
}

/// Why a resource could not be read.
package enum HTTPResourceError: Error, Hashable, Sendable, CustomStringConvertible {
    case noCredentials(SecretError)
    case noAnswer(HTTPError)
    case redirected(String)
    case refused(status: Int, url: String)

    package var description: String {
        switch self {
        case .noCredentials(let error): "a value for the request is missing: \(error)"
        case .noAnswer(let error): error.message
        case .redirected(let how): "the server redirects \(how); state the final address in the connection"
        case .refused(let status, let url) where status == 401 || status == 403:
            "\(url) refused the request (\(status)); check the connection's headers"
        case .refused(let status, let url): "\(url) answered \(status)"
        }
    }
}
