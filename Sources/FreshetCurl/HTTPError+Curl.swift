import CCurl
import FreshetKit

extension HTTPError {
    /// Words a code of libcurl without showing more of the URL than its origin.
    ///
    /// - SeeAlso: https://curl.se/libcurl/c/libcurl-errors.html
    init(_ code: CURLcode, libcurl detail: String, origin: String, mayHaveArrived: Bool) {
        let reason: Reason
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_LOGIN_DENIED: reason = .badURL
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: reason = .cannotResolve
        case CURLE_COULDNT_CONNECT: reason = .cannotConnect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND:
            reason = .tls
        case CURLE_OPERATION_TIMEDOUT: reason = .timedOut
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR: reason = .connectionLost
        default: reason = .other
        }
        let words: String
        switch reason {
        // What libcurl says of a bad URL may quote it, and with it what is secret in it.
        case .badURL: words = "the URL is malformed, carries a user name, or is neither http nor https"
        default: words = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        }
        self.init(reason, mayHaveArrived: mayHaveArrived, message: "\(origin): \(words)")
    }

    static func timedOutWaiting(_ exchange: Exchange) -> HTTPError {
        let message = "\(exchange.origin): no connection was free within the request's time limit"
        return HTTPError(.timedOut, mayHaveArrived: false, message: message)
    }

    static func cancelled(mayHaveArrived: Bool) -> HTTPError {
        HTTPError(.cancelled, mayHaveArrived: mayHaveArrived, message: "the request was cancelled")
    }

    static func stopped(mayHaveArrived: Bool) -> HTTPError {
        HTTPError(.cancelled, mayHaveArrived: mayHaveArrived, message: "the transport was stopped")
    }
}
