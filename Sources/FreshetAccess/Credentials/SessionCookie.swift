import FreshetKit

/// How a session is kept in a browser.
///
/// With TLS its name begins with `__Host-`: browsers then take it only from this very host, over TLS, for all paths, so
/// that no neighbour under the same domain can plant one (RFC 6265bis, section 4.1.3.2).
package enum SessionCookie {
    package static func name(isSecure: Bool) -> String { isSecure ? "__Host-freshet" : "freshet" }

    /// The value of `Set-Cookie` that begins a session; it goes with the browser, or at its latest end.
    package static func setting(_ session: Credential, for life: Duration, isSecure: Bool) -> String {
        field(name(isSecure: isSecure), session.text, life.components.seconds, isSecure)
    }

    /// The value of `Set-Cookie` that ends it.
    package static func clearing(isSecure: Bool) -> String { field(name(isSecure: isSecure), "", 0, isSecure) }

    /// A cookie for one way there and back to an identity provider.
    static func field(_ name: String, _ value: String, _ seconds: Int64, _ isSecure: Bool) -> String {
        "\(name)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
    }

    /// The value of a cookie; `nil` when it is not there, and when it is there twice: one of them is not ours.
    static func value(_ name: String, in headers: HTTPHeaders) -> String? {
        let found = headers.fields.filter { $0.name.lowercased() == "cookie" }
            .flatMap { $0.value.split(separator: ";") }
            .map { $0.drop { $0 == " " || $0 == "\t" } }
            .filter { $0.hasPrefix(name + "=") }
        guard found.count == 1 else { return nil }
        return found.first.map { String($0.dropFirst(name.utf8.count + 1)) }
    }
}
