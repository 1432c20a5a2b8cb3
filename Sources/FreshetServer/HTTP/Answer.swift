package import FreshetCore
import FreshetView

/// What a route answers.
package struct Answer: Sendable {
    package enum Body: Sendable {
        case none
        case bytes([UInt8], type: String)
        /// Goes on until the client leaves or the daemon stops.
        case stream(type: String, any StreamSource)
    }

    package var status: Int
    /// By name in its usual spelling.
    package var headers: [String: String]
    package var body: Body
    /// What the answer's ETag is made of; `nil` for an answer without one.
    var tag: String?

    package init(status: Int = 200, headers: [String: String] = [:], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A JSON document.
    ///
    /// - Parameters:
    ///   - document: the document.
    ///   - status: of HTTP.
    ///   - headers: further fields.
    package static func json(_ document: JSONValue, status: Int = 200, headers: [String: String] = [:]) -> Answer {
        Answer(status: status, headers: headers, body: .bytes(document.bytes, type: "application/json"))
    }

    /// What a `GET` answers: a document with its name, its ETag, and the position of the stream that it includes.
    ///
    /// - Parameters:
    ///   - name: such as `freshet.board/1`.
    ///   - members: the document's; `at` is no part of what the ETag stands for.
    ///   - sequence: the position that was read before the document.
    static func resource(_ name: String, _ members: [String: JSONValue], sequence: Int64) -> Answer {
        var members = members
        members["schema"] = .text(name)
        let body = JSONValue.object(members).bytes
        var timeless = members
        timeless["at"] = nil
        timeless["sequence"] = nil
        let state = timeless.count == members.count ? body : JSONValue.object(timeless).bytes
        var answer = Answer(body: .bytes(body, type: "application/json"))
        answer.headers["Freshet-Sequence"] = String(sequence)
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.tag = Tag.of(state)
        return answer
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8", status: Int = 200) -> Answer {
        Answer(status: status, headers: ["Cache-Control": "no-store"], body: .bytes(Array(text.utf8), type: type))
    }

    static func problem(_ problem: Problem, path: String) -> Answer {
        var answer = Answer(status: problem.status, headers: problem.headers)
        answer.body = .bytes(problem.document(of: path).bytes, type: "application/problem+json")
        answer.headers["Cache-Control"] = "no-store"
        if problem.status == 401 { answer.headers["WWW-Authenticate"] = "Bearer realm=\"freshet\"" }
        return answer
    }
}

/// What a stream is made of.
package protocol StreamSource: Sendable {
    /// Writes piece after piece; returns when the stream ends, and throws what `write` throws when the client is gone.
    func pieces(_ write: ([UInt8]) async throws -> Void) async throws
    /// Ends the stream from outside.
    func end()
}

/// Strong entity tags.
enum Tag {
    static func of(_ bytes: [UInt8]) -> String {
        // FNV-1a over words of eight bytes, twice: it tells states of one resource apart, and guards nothing.
        var (first, second): (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x84222325_cbf29ce4)
        for byte in bytes {
            first = (first ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
            second = (second &+ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15
            second ^= second >> 29
        }
        return "\"\(String(first, radix: 36))-\(String(second, radix: 36))\""
    }

    /// Whether a header `If-None-Match` names the tag (RFC 9110, section 13.1.2).
    static func isNamed(_ tag: String, in header: String) -> Bool {
        header.split(separator: ",").contains { part in
            var name = part.drop { $0 == " " }
            while name.last == " " { name = name.dropLast() }
            return name == "*" || name == tag || name == "W/" + tag
        }
    }
}
