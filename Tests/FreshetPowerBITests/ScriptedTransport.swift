import Foundation
import FreshetCore
import FreshetKit
import Synchronization

/// Answers requests from a script, one line each, in order.
///
///     POST token => 200 {"access_token":"t9","expires_in":3599}
///     GET refreshes?$top=60 => 200 {"value":[]}
///     POST refreshes => 202 [x-ms-request-id: aaaa]
///     GET refreshes/aaaa => drop
///
/// The left side ends the URL. `drop` loses the answer, `refuse` the connection, `leave` cancels the task that waits.
/// Without a line of their own, token requests get `t1`, `t2` and so on.
final class ScriptedTransport: HTTPTransport {
    struct Sent: Sendable {
        var line: String
        var authorization: String?
        var body: String
        var isOnFreshConnection: Bool
    }
    private struct State {
        var script: [String]
        var sent: [Sent] = []
        var mistakes: [String] = []
        var tokens = 0
        var onLine: [String: @Sendable () -> Void] = [:]
    }
    private let state: Mutex<State>

    init(_ script: String) {
        let lines = script.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        state = Mutex(State(script: lines.filter { !$0.isEmpty }))
    }

    /// Everything but sign-ins.
    var sent: [Sent] { state.withLock { $0.sent } }
    var posts: [Sent] { sent.filter { $0.line.hasPrefix("POST") } }
    var tokenRequests: Int { state.withLock { $0.tokens } }
    var mistakes: [String] { state.withLock { $0.mistakes + $0.script.map { "never asked: \($0)" } } }

    /// Runs something when a request that begins like this arrives.
    func on(_ line: String, _ action: @escaping @Sendable () -> Void) { state.withLock { $0.onLine[line] = action } }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let (answer, action) = state.withLock { state in (Self.answer(request, &state), Self.action(request, state)) }
        action?()
        return try answer.get()
    }

    private static func action(_ request: HTTPRequest, _ state: State) -> (@Sendable () -> Void)? {
        state.onLine.first { key, _ in
            let parts = key.split(separator: " ", maxSplits: 1)
            return request.method == parts[0] && request.url.hasSuffix(String(parts[1]))
        }?.value
    }

    private static func answer(_ request: HTTPRequest, _ state: inout State) -> Result<HTTPResponse, HTTPError> {
        let isToken = request.url.hasSuffix("/token")
        let path = request.url.components(separatedBy: "/datasets/").last ?? request.url
        let shown = isToken ? "token" : path.split(separator: "/").dropFirst().joined(separator: "/")
        if isToken { state.tokens += 1 }
        if !isToken {
            state.sent.append(
                Sent(
                    line: "\(request.method) \(shown)",
                    authorization: request.headers["Authorization"],
                    body: String(decoding: request.body ?? [], as: UTF8.self),
                    isOnFreshConnection: request.onFreshConnection
                )
            )
        }
        guard let line = state.script.first else {
            if isToken { return .success(token(state.tokens)) }
            state.mistakes.append("unexpected: \(request.method) \(request.url)")
            return .failure(HTTPError(.other, mayHaveArrived: false, message: "the script has ended"))
        }
        let sides = line.components(separatedBy: " => ")
        let left = sides[0].split(separator: " ", maxSplits: 1)
        let matches = request.method == left[0] && request.url.hasSuffix(String(left[1]))
        if isToken, !matches { return .success(token(state.tokens)) }
        guard matches else {
            state.mistakes.append("expected \(sides[0]), got \(request.method) \(request.url)")
            return .failure(HTTPError(.other, mayHaveArrived: false, message: "not in the script"))
        }
        state.script.removeFirst()
        return parse(sides[1])
    }

    private static func token(_ number: Int) -> HTTPResponse {
        HTTPResponse(status: 200, body: Array(#"{"access_token":"token-\#(number)","expires_in":3599}"#.utf8))
    }

    private static func parse(_ text: String) -> Result<HTTPResponse, HTTPError> {
        if text == "drop" {
            return .failure(HTTPError(.connectionLost, mayHaveArrived: true, message: "connection lost"))
        }
        if text == "refuse" {
            return .failure(HTTPError(.cannotConnect, mayHaveArrived: false, message: "cannot connect"))
        }
        var rest = Substring(text)
        let status = Int(rest.prefix { $0.isNumber })!  // A script without a status is a mistake in the test.
        rest = rest.drop { $0.isNumber }
        var headers = HTTPHeaders()
        while true {
            rest = rest.drop { $0 == " " }
            guard rest.first == "[", let end = rest.firstIndex(of: "]") else { break }
            let header = rest[rest.index(after: rest.startIndex)..<end].components(separatedBy: ": ")
            headers.append(header[0], header[1])
            rest = rest[rest.index(after: end)...]
        }
        return .success(HTTPResponse(status: status, headers: headers, body: Array(rest.utf8)))
    }
}
