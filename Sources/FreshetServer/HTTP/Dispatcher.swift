import FreshetCore
import FreshetKit
import Logging

/// Leads each request through the gate to its route, whatever it came over.
struct Dispatcher: Sendable {
    /// A request as it came, its body not yet read.
    struct Incoming: Sendable {
        var method: String
        /// Without the query.
        var path: String
        var query: String?
        var headers: [(name: String, value: String)]
        var peer: GateRequest.Peer
        var isTLS: Bool
        /// Reads the body; `nil` when it has more bytes than that.
        var body: @Sendable (Int) async throws -> [UInt8]?
    }

    let routes: [Route]
    let gate: any Gate
    let context: ServerContext
    let counts: RequestCounts
    let log: Logger

    /// Answers, whatever happens.
    func answer(_ incoming: Incoming) async -> Answer {
        let found = find(incoming)
        var answer: Answer
        do {
            answer = try await respond(to: incoming, found)
        } catch let problem as Problem {
            answer =
                found?.route.refusal(problem, incoming.query) ?? missingPage(incoming, found, problem)
                ?? .problem(problem, path: incoming.path)
        } catch is CancellationError {
            answer = .problem(Problem(.storeUnavailable, "The daemon is stopping."), path: incoming.path)
        } catch {
            log.error("\(incoming.method) \(incoming.path): \(error)")
            let problem = Problem(.internal, "The daemon's log says more.")
            answer = .problem(problem, path: incoming.path)
        }
        counts.count(route: found?.route.operation ?? "none", status: answer.status)
        for (name, value) in SecurityHeaders.all { answer.headers[name] = answer.headers[name] ?? value }
        if incoming.isTLS { answer.headers["Strict-Transport-Security"] = "max-age=31536000" }
        return answer
    }

    /// What a person sees whose browser asks for an address that is none.
    private func missingPage(_ incoming: Incoming, _ found: Found?, _ problem: Problem) -> Answer? {
        let accepts = incoming.headers.contains { $0.name == "accept" && $0.value.contains("text/html") }
        guard found == nil, accepts, incoming.method == "GET", !incoming.path.hasPrefix("/api/") else { return nil }
        return PageRoutes.missing(problem, context)
    }

    private typealias Found = (route: Route, parameters: [String: String])

    private func find(_ incoming: Incoming) -> Found? {
        let segments = incoming.path.split(separator: "/", omittingEmptySubsequences: false)
        // What may be read may also be asked for without its body.
        let method = incoming.method == "HEAD" ? "GET" : incoming.method
        for route in routes where route.method == method {
            if let parameters = route.template.match(segments) { return (route, parameters) }
        }
        return nil
    }

    /// - Returns: `nil` where the path leads nowhere with any method.
    private func wrongMethod(_ incoming: Incoming) -> Problem? {
        let segments = incoming.path.split(separator: "/", omittingEmptySubsequences: false)
        let methods = Set(routes.filter { $0.template.match(segments) != nil }.map(\.method)).sorted()
        guard !methods.isEmpty else { return nil }
        let allowed = methods.joined(separator: ", ")
        return Problem(.methodNotAllowed, "This address takes \(allowed).", headers: ["Allow": allowed])
    }

    private func respond(to incoming: Incoming, _ found: Found?) async throws -> Answer {
        let request = GateRequest(
            method: incoming.method,
            path: incoming.path,
            route: found.map { GateRequest.Route(operation: $0.route.operation, access: $0.route.access) },
            query: found?.route.access == .badge ? incoming.query : nil,
            headers: incoming.headers,
            peer: incoming.peer,
            isTLS: incoming.isTLS
        )
        let admission: Admission
        switch await gate.admit(request) {
        case .refused(let problem): throw problem
        case .admitted(let known): admission = known
        }
        try requirePace(of: admission, found?.route.access)
        guard let (route, parameters) = found else {
            // Unknown paths look the same to those who are nobody as paths that they may not see.
            guard admission.role != nil else { throw Problem(.unauthenticated, "Sign in first.") }
            throw wrongMethod(incoming) ?? .nothing
        }
        try Self.check(admission, may: route, over: incoming.peer)
        let body: [UInt8]
        if incoming.method == "GET" || incoming.method == "HEAD" || incoming.method == "OPTIONS" {
            body = []
        } else {
            body = try await Self.body(of: incoming, atMost: route.bodyLimit)
        }
        let call = Call(
            method: incoming.method,
            path: incoming.path,
            parameters: parameters,
            query: try Query(incoming.query),
            headers: incoming.headers,
            body: body,
            admission: admission,
            context: context,
            isStillAdmitted: {
                if case .admitted = await gate.admit(request) { true } else { false }
            }
        )
        do {
            return Self.conditional(try await route.handle(call), call)
        } catch let problem as Problem {
            if problem.kind == .forbidden { await gate.note(problem, of: request, by: admission) }
            throw problem
        }
    }

    private static func body(of incoming: Incoming, atMost limit: Int) async throws(Problem) -> [UInt8] {
        let tooLarge = Problem(
            .bodyTooLarge,
            "The body has more than \(limit) bytes.",
            // Whoever still sends need not go on.
            headers: ["Connection": "close"]
        )
        let stated = incoming.headers.first { $0.name == "content-length" }.flatMap { Int($0.value) }
        if let stated, stated > limit { throw tooLarge }
        let read: [UInt8]?
        do {
            read = try await incoming.body(limit)
        } catch is CancellationError {
            throw Problem(.storeUnavailable, "The daemon is stopping.")
        } catch {
            throw Problem(.badRequest, "The body did not come whole.")
        }
        guard let read else { throw tooLarge }
        return read
    }

    /// Holds a token back that asks too often; what is public, or signed, is asked for without one.
    private func requirePace(of admission: Admission, _ access: Access?) throws(Problem) {
        guard admission.method == .token, access != .public, access != .signature else { return }
        let pace = context.pace
        guard let wait = pace.take(admission.actor, at: context.clock.now) else { return }
        throw Problem(
            .rateLimited,
            "This token made more than \(pace.perMinute) requests in a minute; ask less often, or raise "
                + "server.requests_per_minute.",
            headers: ["Retry-After": String(max(1, (wait.inMilliseconds + 999) / 1000))]
        )
    }

    /// The second line of defence: the gate has said it already.
    private static func check(_ admission: Admission, may route: Route, over peer: GateRequest.Peer) throws(Problem) {
        switch route.access {
        case .public, .signature: return
        case .ingest:
            guard !admission.mayIngest, admission.role != .admin else { return }
            throw admission.role == nil
                ? Problem(.unauthenticated, "Send a token that may post events.")
                : Problem(.forbidden, "This needs a token that may post events; you are signed in.")
        case .badge:
            guard admission.role == nil, !admission.showsBadges else { return }
            throw Problem(.unauthenticated, "Sign in, or show the badge's own link.")
        case .socket: if peer != .unixSocket { throw Problem.nothing }
        case .least(let least):
            guard let role = admission.role else { throw Problem(.unauthenticated, "Sign in first.") }
            guard role >= least else {
                throw Problem(.forbidden, "This needs the role \(least.rawValue); you are \(role.rawValue).")
            }
        }
    }

    /// Leaves the body out where the client has it already (RFC 9110, section 13.1.2).
    private static func conditional(_ answer: Answer, _ call: Call) -> Answer {
        guard let tag = answer.tag else { return answer }
        var answer = answer
        answer.headers["ETag"] = tag
        guard let known = call.header("if-none-match"), Tag.isNamed(tag, in: known) else { return answer }
        answer.status = 304
        answer.body = .none
        return answer
    }
}

/// What every answer carries.
enum SecurityHeaders {
    static let all = [
        "Content-Security-Policy": """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
        connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
        require-trusted-types-for 'script'
        """,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    ]
}
