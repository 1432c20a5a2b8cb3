import FreshetCrypto
import FreshetKit

/// Keeps pages of other sites from acting through the browser of somebody who is signed in here.
///
/// - SeeAlso: OWASP, "Cross-Site Request Forgery Prevention"; W3C, "Fetch Metadata Request Headers".
enum BrowserGuard {
    /// Why a request with a cookie, or of a browser that signs in, must not have its effect.
    ///
    /// - Parameters:
    ///   - request: one with an effect.
    ///   - site: where the request arrived.
    ///   - token: what its `X-CSRF-Token` has to be; `nil` where no session is there yet to be bound to.
    /// - Returns: the beginning of a sentence; `nil` when it may.
    static func complaint(about request: AccessRequest, at site: Site, token: String?) -> String? {
        if let found = request.headers["Sec-Fetch-Site"], found != "same-origin", found != "none" {
            return "the browser says that a page of another site asks (Sec-Fetch-Site: \(shortened(found)))"
        }
        if let origin = request.headers["Origin"], origin != site.origin {
            return "a page of \(shortened(origin)) asks, and this is \(site.origin)"
        }
        guard let token else { return nil }
        guard let shown = request.headers["X-CSRF-Token"] else {
            return "X-CSRF-Token is missing; GET /api/v1/session gives it as csrf_token"
        }
        guard !token.isEmpty, Digest.areEqual(Array(shown.utf8), Array(token.utf8)) else {
            return "X-CSRF-Token is not that of this session; GET /api/v1/session gives it as csrf_token"
        }
        return nil
    }

    /// The token of a session: only who knows what the cookie holds can make it, and so nothing has to be stored.
    static func token(of session: Credential) throws(CryptoError) -> String {
        Base64.encode(try Digest.hmac(Array("freshet csrf token".utf8), key: Array(session.text.utf8)))
    }

    private static func shortened(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value > 0x1F && $0.value < 0x7F }.prefix(80)))
    }
}
