package import FreshetCore
package import FreshetKit

/// A request to a resource of this target, which the gate has admitted.
package struct AccessQuestion: Sendable {
    package var request: AccessRequest
    package var admission: Admission
    package var body: [UInt8]

    package init(_ request: AccessRequest, _ admission: Admission, body: [UInt8]) {
        self.request = request
        self.admission = admission
        self.body = body
    }

    /// What stands behind the question mark.
    var query: Substring { request.query }
}

/// What a resource of this target answers.
package struct AccessReply: Hashable, Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    /// `nil` for an answer without a body.
    package var document: JSONValue?

    init(_ status: Int, _ document: JSONValue? = nil, headers: HTTPHeaders = [:]) {
        self.status = status
        self.headers = headers
        self.document = document
        // Sessions and tokens belong in no cache.
        self.headers["Cache-Control"] = "no-store"
        if let document {
            self.headers["Content-Type"] = document["type"] == nil ? "application/json" : "application/problem+json"
        }
    }

    /// - Parameters:
    ///   - words: why not.
    ///   - target: what was asked for.
    package init(_ words: AccessRefusal.Words, target: String) {
        var members: [String: JSONValue] = [
            "type": .text("urn:freshet:problem:\(words.type)"), "title": .text(words.title),
            "status": .integer(Int64(words.status)), "detail": .text(words.detail),
            "instance": .text(String(target.prefix { $0 != "?" })),
        ]
        if let nearest = words.nearest { members["nearest"] = .text(nearest) }
        self.init(words.status, .object(members), headers: words.headers)
    }
}

/// The members of a body that has to be a JSON object; what is not named in the contract is an error, as it may be a slip.
struct AccessBody {
    private let members: [String: JSONValue]

    init(_ question: AccessQuestion, knows names: Set<String>) throws(BadBody) {
        let type = question.request.headers["Content-Type"]?.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard type == "application/json" else { throw .type }
        guard question.body.count <= 64 << 10 else { throw .size }
        // What cannot be read says nothing more.
        guard let members = (try? JSONValue(parsing: question.body))?.object else {
            throw .member("the body", "a JSON object")
        }
        if let strange = members.keys.sorted().first(where: { !names.contains($0) }) {
            throw .member("'\(strange.prefix(64))'", "left out; there are \(names.sorted().joined(separator: ", "))")
        }
        self.members = members
    }

    func text(_ name: String, atMost limit: Int = 256) throws(BadBody) -> String {
        guard let text = try optionalText(name, atMost: limit) else { throw .member("'\(name)'", "a text") }
        return text
    }

    func optionalText(_ name: String, atMost limit: Int = 256) throws(BadBody) -> String? {
        switch members[name] {
        case nil, .null: return nil
        case .text(let text) where text.unicodeScalars.count <= limit: return text
        default: throw .member("'\(name)'", "a text of \(limit) characters at most")
        }
    }

    func role(_ name: String = "role") throws(BadBody) -> AccessRole? {
        guard let word = try optionalText(name) else { return nil }
        guard let role = AccessRole(rawValue: word) else { throw .member("'\(name)'", "viewer, operator or admin") }
        return role
    }

    func texts(_ name: String) throws(BadBody) -> [String]? {
        switch members[name] {
        case nil, .null: return nil
        case .list(let list):
            let texts = list.compactMap(\.text)
            guard texts.count == list.count, list.count <= 100 else { fallthrough }
            return texts
        default: throw .member("'\(name)'", "a list of texts, 100 at most")
        }
    }

    func boolean(_ name: String) throws(BadBody) -> Bool {
        switch members[name] {
        case nil, .null: return false
        case .boolean(let value): return value
        default: throw .member("'\(name)'", "true or false")
        }
    }

    func seconds(_ name: String) throws(BadBody) -> Duration? {
        switch members[name] {
        case nil, .null: return nil
        case .some(let value):
            guard let seconds = value.integer, (0...1_000_000_000).contains(seconds) else {
                throw .member("'\(name)'", "a number of seconds")
            }
            return .seconds(seconds)
        }
    }
}

/// Why a body is not taken.
enum BadBody: Error, Hashable {
    /// What, and what it has to be.
    case member(String, String)
    case size
    case type

    var words: AccessRefusal.Words {
        switch self {
        case .member(let what, let wanted):
            AccessRefusal.Words(
                status: 400,
                type: "bad_request",
                title: "Cannot be read",
                detail: what.prefix(1).uppercased() + what.dropFirst() + " has to be \(wanted)."
            )
        case .size:
            AccessRefusal.Words(
                status: 413,
                type: "body_too_large",
                title: "Too large",
                detail: "The body has more than 64 KiB."
            )
        case .type:
            AccessRefusal.Words(
                status: 415,
                type: "unsupported_media_type",
                title: "Another type is needed",
                detail: "Send the body as application/json."
            )
        }
    }
}
