internal import FreshetKit

/// Sends every request with authorities of its own to trust, those for tokens as well as those for data.
struct TrustingTransport: HTTPTransport {
    let base: any HTTPTransport
    /// A PEM file; an absolute path.
    let caFile: String

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        var request = request
        request.caFile = caFile
        return try await base.send(request)
    }
}
