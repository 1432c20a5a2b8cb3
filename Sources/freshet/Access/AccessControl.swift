import FreshetAccess
import FreshetCore
import FreshetKit
import FreshetServer

/// Lets the server ask ``FreshetAccess/AccessGate`` about each request.
struct AccessControl: Gate {
    let gate: AccessGate

    func admit(_ request: GateRequest) async -> FreshetServer.GateAnswer {
        switch await gate.admit(AccessRequest(request)) {
        case .refused(let refusal): return .refused(Problem(refusal.words))
        case .admitted(let admission):
            // The gate and the router read the path each by itself; where they differ, one of them was tricked.
            guard admission.route.isServed(as: request.route) else {
                return .refused(Problem(AccessRefusal.unknownPath.words))
            }
            guard let principal = admission.principal else {
                var anonymous = FreshetServer.Admission.anonymous
                anonymous.address = admission.address
                return .admitted(anonymous)
            }
            let known = FreshetServer.Admission(
                actor: principal.actor,
                role: principal.role.flatMap { Role(rawValue: $0.rawValue) },
                method: principal.method,
                address: admission.address,
                mayIngest: Principal.may(principal, .ingest),
                showsBadges: principal.showsBadges,
                bounds: principal
            )
            return .admitted(known)
        }
    }

    func note(_ refusal: Problem, of request: GateRequest, by admission: FreshetServer.Admission) async {
        let (actor, method) = (admission.actor, admission.method)
        await gate.note(refusal.detail, AccessRequest(request), by: actor, method, from: admission.address)
    }
}

/// What a token is bound to; the server's routes ask for it.
extension Principal: Bounds {}

extension FreshetAccess.Route {
    /// Whether the server's router was led to the same.
    fileprivate func isServed(as other: GateRequest.Route?) -> Bool {
        guard let other, other.access.word == access.word else { return false }
        return operation == nil || operation == other.operation
    }
}

extension AccessRequest {
    init(_ request: GateRequest) {
        var headers = HTTPHeaders()
        for (name, value) in request.headers { headers.append(name, value) }
        let target = request.query.map { "\(request.path)?\($0)" } ?? request.path
        switch request.peer {
        case .unixSocket: self.init(request.method, target, over: .unix, from: nil, headers: headers)
        case .tcp(let address):
            let transport: Transport = request.isTLS ? .tls : .tcp
            self.init(request.method, target, over: transport, from: address, headers: headers)
        }
    }
}

extension Problem {
    /// A refusal in the server's words for types; its own sentence says the rest.
    init(_ words: AccessRefusal.Words) {
        var headers: [String: String] = [:]
        for field in words.headers.fields { headers[field.name] = field.value }
        self.init(
            Kind(rawValue: words.type) ?? .forbidden,
            words.detail,
            nearest: words.nearest,
            status: words.status,
            headers: headers
        )
    }
}
