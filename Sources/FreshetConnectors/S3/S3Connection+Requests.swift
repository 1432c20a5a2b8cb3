internal import FreshetKit

extension S3Connection {
    /// Sends what `make` makes of the present access; once more with newer keys where these are not taken.
    ///
    /// - Returns: the answer, and the access that it came to.
    func ask(
        _ make: (S3Access) -> HTTPRequest
    ) async throws(S3Error) -> (response: HTTPResponse, access: S3Access) {
        let access = try await access()
        let request = make(access)
        var response = try await send(request)
        guard [400, 401, 403].contains(response.status) else { return (response, access) }
        if request.method == "HEAD" { response = try await explanation(of: response, to: request) }
        guard let code = Self.code(of: response), S3Error.keyTroubles.contains(code) else { return (response, access) }
        await credentials.refused(surroundings)
        let newer = try await self.access()
        guard newer.key != access.key else { return (response, access) }
        return (try await send(make(newer)), newer)
    }

    func send(_ request: HTTPRequest) async throws(S3Error) -> HTTPResponse {
        do throws(HTTPError) {
            return try await surroundings.transport.send(request)
        } catch {
            throw .noAnswer(error)
        }
    }

    /// An answer to `HEAD` has no body, and so no reason; the answer to `GET` has one.
    private func explanation(of response: HTTPResponse, to request: HTTPRequest) async throws(S3Error) -> HTTPResponse {
        var request = request
        request.method = "GET"
        request.headers["Range"] = "bytes=0-0"
        let answer = try await send(request)
        return answer.status == response.status ? answer : response
    }

    /// S3's own word for what is wrong; `nil` for an answer without one.
    static func code(of response: HTTPResponse) -> String? {
        // A body that cannot be read has no code in it.
        (try? XMLTree(parsing: response.body))?["Code"]?.text
    }
}
