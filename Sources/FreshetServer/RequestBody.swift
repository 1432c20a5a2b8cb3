import FreshetCore
import FreshetKit
import Hummingbird
import NIOCore

/// The JSON object that a request carries.
struct RequestBody {
    private let members: [String: JSONValue]
    private static let largest = 16 << 20

    init(of request: Request) async throws {
        let bytes = try await request.body.collect(upTo: Self.largest)
        do {
            guard let object = try JSONValue(parsing: bytes.readableBytesView).object else {
                throw Refusal(.badRequest, message: "the body has to be a JSON object")
            }
            members = object
        } catch is DecodingError {
            throw Refusal(.badRequest, message: "the body is not JSON")
        }
    }

    func text(_ name: String) throws -> String {
        guard let text = members[name]?.text else {
            throw Refusal(.badRequest, message: "'\(name)' has to be a text")
        }
        return text
    }

    func optionalText(_ name: String) throws -> String? {
        switch members[name] {
        case nil, .null: nil
        case .text(let text): text
        default: throw Refusal(.badRequest, message: "'\(name)' has to be a text or null")
        }
    }

    func boolean(_ name: String) throws -> Bool {
        guard let boolean = members[name]?.boolean else {
            throw Refusal(.badRequest, message: "'\(name)' has to be true or false")
        }
        return boolean
    }

    func texts(_ name: String) throws -> [String] {
        let texts = members[name]?.list?.compactMap(\.text)
        guard let texts, texts.count == members[name]?.list?.count else {
            throw Refusal(.badRequest, message: "'\(name)' has to be a list of texts")
        }
        return texts
    }

    /// On whose behalf the request is made.
    func actor() throws -> Actor { Actor(try text("actor")) }
}

extension Response {
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: value.serialized() + "\n"))
        )
    }
}

extension Refusal {
    /// A store that did not do as asked, as an answer.
    init(_ error: StoreError) {
        switch error {
        case .superseded, .held: self.init(.conflict, message: error.description)
        default: self.init(.serviceUnavailable, message: error.description)
        }
    }
}

/// An answer that refuses, told apart from the transport's error of the same name.
typealias Refusal = Hummingbird.HTTPError
