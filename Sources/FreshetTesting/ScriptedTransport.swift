package import FreshetKit
import Synchronization

/// A transport that answers from a script, and writes down what it was asked.
///
/// Each request is answered by the first step of the script that has not been used and that fits it; so requests that
/// run side by side need no order. A request that fits no step gets an error that says so.
package final class ScriptedTransport: HTTPTransport {
    /// One expected request, and its answer.
    package struct Step: Sendable {
        /// For messages, such as `GET /refreshes`.
        package var name: String
        package var fits: @Sendable (HTTPRequest) -> Bool
        package var answer: Result<HTTPResponse, HTTPError>
        /// Answers any number of requests, rather than one.
        package var isRepeated: Bool

        package init(
            _ name: String,
            fits: @escaping @Sendable (HTTPRequest) -> Bool,
            answer: Result<HTTPResponse, HTTPError>,
            isRepeated: Bool = false
        ) {
            self.name = name
            self.fits = fits
            self.answer = answer
            self.isRepeated = isRepeated
        }

        /// A request of this method whose URL contains this text.
        package static func expect(
            _ method: String,
            _ part: String,
            answer: Result<HTTPResponse, HTTPError>,
            isRepeated: Bool = false
        ) -> Step {
            Step(
                "\(method) \(part)",
                fits: { $0.method == method && $0.url.contains(part) },
                answer: answer,
                isRepeated: isRepeated
            )
        }

        /// A request that is answered with this status and text.
        package static func expect(
            _ method: String,
            _ part: String,
            status: Int,
            headers: HTTPHeaders = [:],
            body: String = "",
            isRepeated: Bool = false
        ) -> Step {
            let response = HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
            return expect(method, part, answer: .success(response), isRepeated: isRepeated)
        }
    }

    private struct State {
        var script: [Step]
        var requests: [HTTPRequest] = []
        var surprises: [String] = []
    }
    private let state: Mutex<State>

    package init(_ script: [Step] = []) { state = Mutex(State(script: script)) }

    /// Everything that was asked, oldest first, expected or not.
    package var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// The names of the steps that nothing has asked for, but for those that may be repeated.
    package var unused: [String] { state.withLock { $0.script.filter { !$0.isRepeated }.map(\.name) } }

    /// The requests that fitted no step, as method and URL.
    package var surprises: [String] { state.withLock { $0.surprises } }

    /// Adds to the end of the script.
    package func append(_ steps: Step...) { state.withLock { $0.script += steps } }

    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let answer = state.withLock { state -> Result<HTTPResponse, HTTPError> in
            state.requests.append(request)
            guard let index = state.script.firstIndex(where: { $0.fits(request) }) else {
                let surprise = "\(request.method) \(request.url)"
                state.surprises.append(surprise)
                return .failure(HTTPError(.other, mayHaveArrived: false, message: "not in the script: \(surprise)"))
            }
            let step = state.script[index]
            if !step.isRepeated { state.script.remove(at: index) }
            return step.answer
        }
        return try answer.get()
    }
}
