internal import FreshetCore
internal import FreshetEntra
internal import FreshetFailpoints
internal import FreshetKit

/// Speaks to the Power BI REST interface as one application.
struct PowerBIClient: Sendable {
    /// More than any answer that is asked for here.
    private static let maxBodySize = 8 << 20
    /// In seconds; whoever waits has a limit of its own.
    private static let longestRetryAfter = 86_400 * 365

    let apiURL: String
    let tokens: TokenCache
    let surroundings: Surroundings
    /// What paces every call of this application.
    let budget: RequestBudget

    /// Calls something that may be repeated: an expired token is renewed, and the call repeated, once.
    ///
    /// The path stands after `/v1.0/myorg/`, percent-encoded. `decode` returns `nil` for what was not asked for.
    func call<Value>(
        _ method: String,
        _ path: String,
        body: String? = nil,
        decode: @Sendable (HTTPResponse) -> Value?
    ) async -> RemoteReply<Value> {
        do {
            var (response, token, _) = try await send(method, path, body: body, isOnce: false)
            if Self.isTokenExpired(response) {
                await tokens.drop(token)
                response = try await send(method, path, body: body, isOnce: false).response
            }
            return reply(to: response, isFinal: true, decode: decode)
        } catch {
            return error.reply(from: "Power BI", surroundings)
        }
    }

    /// Calls something that must not be repeated: one connection, one request, and an expired token is only dropped.
    ///
    /// `decode` is given the address of the interface too.
    func callOnce<Value>(
        _ method: String,
        _ path: String,
        body: String,
        decode: @Sendable (HTTPResponse, String) -> Value?
    ) async -> RemoteReply<Value> {
        do {
            let (response, token, root) = try await send(method, path, body: body, isOnce: true)
            if Self.isTokenExpired(response) { await tokens.drop(token) }
            return reply(to: response, isFinal: false) { decode($0, root) }
        } catch {
            return error.reply(from: "Power BI", surroundings)
        }
    }

    private func send(
        _ method: String,
        _ path: String,
        body: String?,
        isOnce: Bool
    ) async throws(CallFailure) -> (response: HTTPResponse, token: String, root: String) {
        let token: String
        let root: String
        do {
            token = try await tokens.get()
        } catch {
            throw .signIn(error)
        }
        do {
            root = try await surroundings.secrets.resolve(apiURL).withoutTrailingSlash
        } catch {
            throw .signIn(.secret(error))
        }
        var request = HTTPRequest(
            method,
            "\(root)/v1.0/myorg/\(path)",
            headers: ["Authorization": "Bearer \(token)", "Accept": "application/json"],
            onFreshConnection: isOnce,
            maxBodySize: Self.maxBodySize
        )
        if let body {
            request.headers["Content-Type"] = "application/json"
            request.body = Array(body.utf8)
        }
        if let until = await budget.admit("\(method) \(path)") { throw .throttled(until: until) }
        do {
            try failpoint(isOnce ? .postBeforeConnect : nil) { HTTPError(.other, mayHaveArrived: false, message: $0) }
            let response = try await surroundings.transport.send(request)
            try failpoint(isOnce ? .postAfterBody : nil) { HTTPError(.other, mayHaveArrived: true, message: $0) }
            note(response, to: method, path)
            return (response, token, root)
        } catch {
            throw .transport(error)
        }
    }

    /// Tells everybody who calls for this application how the service took the call.
    ///
    /// After a refused request, its history may be read at once: without that it is not known whether it was taken.
    private func note(_ response: HTTPResponse, to method: String, _ path: String) {
        guard response.status == 429 else { return budget.answered() }
        let now = surroundings.clock.now
        let message = ServiceError(response.body).sentence(status: response.status)
        let until = Self.retryAfter(response, now: now).map { now + $0 }
        let exempt = method == "POST" ? "GET \(path)" : nil
        budget.throttled(until: until, reason: surroundings.redactor.redact(message), exempting: exempt)
    }

    /// The service says so with 403 and a code; 401 is reported too.
    private static func isTokenExpired(_ response: HTTPResponse) -> Bool {
        switch response.status {
        case 401: ServiceError(response.body).code?.lowercased() != "powerbinotauthorizedexception"
        case 403: ServiceError(response.body).isTokenExpired
        default: false
        }
    }
}

extension PowerBIClient {
    /// What may be concluded from an answer; it is final when a new token has been tried already.
    private func reply<Value>(
        to response: HTTPResponse,
        isFinal: Bool,
        decode: (HTTPResponse) -> Value?
    ) -> RemoteReply<Value> {
        let now = surroundings.clock.now
        // Nearly every answer is a poll's and no error: reading it as one too would double the work.
        let isError = !(200..<300).contains(response.status)
        let error = ServiceError(isError ? response.body : [])
        let message = isError ? surroundings.redactor.redact(error.sentence(status: response.status)) : ""
        let result: RemoteReply<Value>.Result
        switch response.status {
        case 200..<300:
            if let value = decode(response) {
                result = .answer(value)
            } else {
                result = .silence(Silence("the service's answer cannot be read (status \(response.status))"))
            }
        case 429: result = .silence(Silence(isThrottled: true, message))
        case 408, ..<400, 500...: result = .silence(Silence(message))
        default: result = .refusal(Refusal(Self.reason(response, error, isFinal: isFinal), message))
        }
        return RemoteReply(
            result,
            retryAfter: Self.retryAfter(response, now: now),
            serverTime: response.headers["Date"].flatMap(PowerBITime.parseHTTPDate),
            evidence: evidence(of: response, error)
        )
    }

    private static func reason(_ response: HTTPResponse, _ error: ServiceError, isFinal: Bool) -> Refusal.Reason {
        if error.isBusy || response.status == 409 { return .busy }
        if error.isCapacityPaused { return .capacityPaused }
        if error.isQuotaExhausted { return .quotaExhausted }
        if !isFinal, isTokenExpired(response) { return .tokenExpired }
        switch response.status {
        case 401, 403: return .denied
        case 404: return .notFound
        default: return .badRequest
        }
    }

    /// Seconds or a date (RFC 9110, 10.2.3).
    private static func retryAfter(_ response: HTTPResponse, now: Timestamp) -> Duration? {
        guard let text = response.headers["Retry-After"] else { return nil }
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        // A number that is no number of seconds any more still means: not for a long time.
        if !digits.isEmpty, digits.count == text.utf8.count {
            return .seconds(min(Int(text) ?? .max, longestRetryAfter))
        }
        return PowerBITime.parseHTTPDate(text).map { max($0 - now, .zero) }
    }

    private func evidence(of response: HTTPResponse, _ error: ServiceError) -> JSONValue {
        var members: [String: JSONValue] = ["status": .integer(Int64(response.status))]
        for header in ["Date", "RequestId", "Retry-After", "x-ms-request-id"] {
            if let value = response.headers[header] { members[header.lowercased()] = .text(value) }
        }
        if response.status >= 400 {
            if let code = error.code { members["code"] = .text(surroundings.redactor.redact(code)) }
            if let message = error.message { members["message"] = .text(surroundings.redactor.redact(message)) }
        }
        return .object(members)
    }
}
