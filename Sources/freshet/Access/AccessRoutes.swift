import FreshetAccess
import FreshetCore
import FreshetKit
import FreshetServer

/// The resources of FreshetAccess as routes of the server.
enum AccessRoutes {
    /// - Parameters:
    ///   - resources: answer.
    ///   - gate: knows of who asks what the server's admission does not hold, such as their session.
    /// - Returns: one route for each operation that ``AccessResources/operations`` names.
    static func all(_ resources: AccessResources, _ gate: AccessGate) -> [FreshetServer.Route] {
        FreshetAccess.RouteTable.api.compactMap { route in
            guard let operation = route.operation, AccessResources.operations.contains(operation),
                let access = FreshetServer.Access(route.access)
            else { return nil }
            return FreshetServer.Route(
                route.method,
                route.template.description,
                operation,
                access: access,
                bodyLimit: 64 << 10
            ) { call in
                let request = AccessRequest(call)
                switch await gate.admit(request) {
                case .refused(let refusal): throw Problem(refusal.words)
                case .admitted(let admission):
                    let question = AccessQuestion(request, admission, body: call.body)
                    return Answer(await resources.answer(question))
                }
            }
        }
    }
}

extension FreshetServer.Access {
    init?(_ access: FreshetAccess.Access) {
        switch access {
        case .open: self = .public
        case .role(let role):
            guard let role = Role(rawValue: role.rawValue) else { return nil }
            self = .least(role)
        case .badge: self = .badge
        case .ingest: self = .ingest
        case .signature: self = .signature
        case .socket: self = .socket
        }
    }
}

extension AccessRequest {
    /// What of the query matters here, beside the path.
    private static let names = ["code", "error", "error_description", "iss", "next", "state"]

    fileprivate init(_ call: Call) {
        var headers = HTTPHeaders()
        for (name, value) in call.headers { headers.append(name, value) }
        let fields = Self.names.compactMap { name in call.query[name].map { (name, $0) } }
        let target = fields.isEmpty ? call.path : call.path + "?" + QueryText.encode(fields)
        // Whoever came by the network has an address, also who is nobody.
        let transport: Transport = call.admission.address == nil ? .unix : .tcp
        self.init(call.method, target, over: transport, from: call.admission.address, headers: headers)
    }
}

extension Answer {
    fileprivate init(_ reply: AccessReply) {
        var headers: [String: String] = [:]
        var type = "application/json"
        for field in reply.headers.fields {
            if field.name == "Content-Type" { type = field.value } else { headers[field.name] = field.value }
        }
        var body = Body.none
        if let document = reply.document { body = .bytes(Array((document.serialized() + "\n").utf8), type: type) }
        self.init(status: reply.status, headers: headers, body: body)
    }
}
