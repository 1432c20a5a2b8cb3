import FreshetCore
import FreshetEntra
import FreshetKit

/// Speaks to the REST interface of one workspace.
struct DatabricksClient: Sendable {
    /// More than an inline result can be.
    private static let maxBodySize = 32 << 20
    /// In seconds; whoever waits has a limit of its own.
    private static let longestRetryAfter = 86_400

    let host: String
    let signIn: DatabricksSignIn
    let surroundings: Surroundings
    let budget: RequestBudget

    /// An address with its scheme, and without the slash at its end.
    static func root(_ host: String) -> String {
        (host.contains("://") ? host : "https://\(host)").withoutTrailingSlash
    }

    /// Calls once; with a new token once more, where the one that was shown is refused.
    ///
    /// - Parameters:
    ///   - method: of HTTP.
    ///   - path: after the host, with its query, percent-encoded.
    ///   - body: as JSON.
    ///   - timeout: of one call.
    /// - Returns: an answer of status 200 whose body is a JSON object; else what may be concluded.
    func call(
        _ method: String,
        _ path: String,
        body: JSONValue? = nil,
        timeout: Duration = .seconds(60)
    ) async -> RemoteReply<JSONValue> {
        do {
            var (response, token) = try await send(method, path, body, timeout)
            if isAboutToken(response) {
                await signIn.drop(token)
                let before = token
                if try await self.token() != before { (response, token) = try await send(method, path, body, timeout) }
            }
            return reply(to: response)
        } catch {
            return error.reply(from: "Databricks", surroundings)
        }
    }

    /// The address that calls go to, for the name of a target.
    func address() async throws(SecretError) -> String { Self.root(try await surroundings.secrets.resolve(host)) }

    private func token() async throws(CallFailure) -> String {
        do {
            return try await signIn.token()
        } catch {
            throw .signIn(error)
        }
    }

    private func send(
        _ method: String,
        _ path: String,
        _ body: JSONValue?,
        _ timeout: Duration
    ) async throws(CallFailure) -> (HTTPResponse, String) {
        let token = try await token()
        let root: String
        do {
            root = try await address()
        } catch {
            throw .signIn(.secret(error))
        }
        var request = HTTPRequest(
            method,
            root + path,
            headers: ["Authorization": "Bearer \(token)", "Accept": "application/json"],
            timeout: timeout,
            maxBodySize: Self.maxBodySize
        )
        if let body {
            request.headers["Content-Type"] = "application/json"
            request.body = Array(body.serialized().utf8)
        }
        if let until = await budget.admit("\(method) \(path)") { throw .throttled(until: until) }
        do {
            let response = try await surroundings.transport.send(request)
            note(response)
            return (response, token)
        } catch {
            throw .transport(error)
        }
    }

    private func note(_ response: HTTPResponse) {
        guard response.status == 429 else { return budget.answered() }
        let now = surroundings.clock.now
        let message = surroundings.redactor.redact(DatabricksFault(response).sentence)
        budget.throttled(until: retryAfter(response).map { now + $0 }, reason: message)
    }

    /// A token that is wrong or too old; the leave to do something is another matter.
    private func isAboutToken(_ response: HTTPResponse) -> Bool {
        guard [401, 403].contains(response.status) else { return false }
        let fault = DatabricksFault(response)
        return response.status == 401 || fault.code != "PERMISSION_DENIED"
            || fault.message?.lowercased().contains("token") ?? false
    }

    private func retryAfter(_ response: HTTPResponse) -> Duration? {
        response.headers["Retry-After"].flatMap { Int($0) }.flatMap {
            $0 >= 0 ? .seconds(min($0, Self.longestRetryAfter)) : nil
        }
    }

    // MARK: What may be concluded

    private func reply(to response: HTTPResponse) -> RemoteReply<JSONValue> {
        let isAnswer = (200..<300).contains(response.status)
        let fault = DatabricksFault(response)
        let message = surroundings.redactor.redact(fault.sentence)
        let result: RemoteReply<JSONValue>.Result
        switch response.status {
        case 200..<300:
            // A sign-in page of a proxy is no answer either.
            if let value = try? JSONValue(parsing: response.body), value.object != nil {
                result = .answer(value)
            } else {
                result = .silence(Silence("the answer is no JSON object (status \(response.status))"))
            }
        case 429: result = .silence(Silence(mayHaveArrived: false, isThrottled: true, message))
        case 408, ..<400, 500...: result = .silence(Silence(message))
        default: result = .refusal(Refusal(fault.reason, message))
        }
        var evidence: [String: JSONValue] = ["status": .integer(Int64(response.status))]
        for header in ["Date", "Retry-After", "x-request-id"] {
            if let value = response.headers[header] { evidence[header.lowercased()] = .text(value) }
        }
        if !isAnswer { evidence["message"] = .text(message) }
        return RemoteReply(result, retryAfter: retryAfter(response), evidence: .object(evidence))
    }
}

/// Why a call was not granted: `{"error_code":"NOT_FOUND","message":"…"}`, the code a number on older endpoints.
struct DatabricksFault: Hashable, Sendable {
    var status: Int
    var code: String?
    var message: String?

    init(_ response: HTTPResponse) {
        status = response.status
        // What is no JSON has neither, and is told by its status.
        guard let body = try? JSONValue(parsing: response.body) else { return }
        code = body["error_code"]?.text ?? body["error_code"]?.integer.map(String.init) ?? body["error"]?.text
        message = body["message"]?.text ?? body["error_description"]?.text
    }

    var reason: Refusal.Reason {
        if code == "RESOURCE_DOES_NOT_EXIST" || code == "NOT_FOUND" { return .notFound }
        // An id that is none is refused as a wrong value.
        if let message, message.contains("does not exist"), status == 400 { return .notFound }
        return switch status {
        case 401, 403: .denied
        case 404: .notFound
        default: .badRequest
        }
    }

    var sentence: String {
        let words = [code, message].compactMap { $0 }.joined(separator: ": ")
        return words.isEmpty ? "the workspace answered with status \(status)" : "\(words) (status \(status))"
    }
}
