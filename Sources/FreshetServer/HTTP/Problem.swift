import FreshetCore

/// An answer that says no (RFC 9457); the types are a closed list, and stable.
public struct Problem: Error, Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case alreadyEnded = "already_ended"
        case badCursor = "bad_cursor"
        case badRequest = "bad_request"
        case badSelection = "bad_selection"
        case badSignature = "bad_signature"
        case bodyTooLarge = "body_too_large"
        case csrf
        case forbidden
        case idempotencyKeyMissing = "idempotency_key_missing"
        case idempotencyKeyReused = "idempotency_key_reused"
        case `internal`
        case methodNotAllowed = "method_not_allowed"
        case notFound = "not_found"
        case nothingToRetry = "nothing_to_retry"
        case notUnresolved = "not_unresolved"
        case planChanged = "plan_changed"
        case rateLimited = "rate_limited"
        case reasonMissing = "reason_missing"
        case staleDelivery = "stale_delivery"
        case storeUnavailable = "store_unavailable"
        case superseded
        case unauthenticated
        case unknownAsset = "unknown_asset"
        case unknownOperation = "unknown_operation"
        case unknownRun = "unknown_run"
        case unknownSensor = "unknown_sensor"
        case unknownSource = "unknown_source"
        case unknownTrigger = "unknown_trigger"
        case unsupportedMediaType = "unsupported_media_type"
    }

    public var kind: Kind
    /// What, where, and what to do; free of secrets.
    public var detail: String
    /// The right spelling of a mistyped name.
    public var nearest: String?
    /// What is wrong with each part of the request: a JSON Pointer into the body, or a parameter's name.
    public var errors: [Mistake]
    /// Other than that of its kind, where a gate says so.
    public var status: Int
    /// Further header fields, such as `Retry-After`.
    public var headers: [String: String]

    public struct Mistake: Hashable, Sendable {
        public var pointer: String
        public var detail: String

        public init(_ pointer: String, _ detail: String) {
            self.pointer = pointer
            self.detail = detail
        }
    }

    public init(
        _ kind: Kind,
        _ detail: String,
        nearest: String? = nil,
        errors: [Mistake] = [],
        status: Int? = nil,
        headers: [String: String] = [:]
    ) {
        self.kind = kind
        self.detail = detail
        self.nearest = nearest
        self.errors = errors
        self.status = status ?? kind.status
        self.headers = headers
    }

    /// What a path that leads nowhere is answered.
    static let nothing = Problem(.notFound, "There is nothing at this address.")

    /// A parameter or member of the body that cannot be taken.
    static func bad(_ pointer: String, _ detail: String) -> Problem {
        Problem(.badRequest, "\(pointer) \(detail).", errors: [Mistake(pointer, detail)])
    }

    /// The answer's body, for the path that was asked for.
    func document(of path: String) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": .text("urn:freshet:problem:" + kind.rawValue), "title": .text(kind.title),
            "status": .integer(Int64(status)), "detail": .text(detail), "instance": .text(path),
        ]
        if let nearest { members["nearest"] = .text(nearest) }
        if !errors.isEmpty {
            members["errors"] = .list(errors.map { ["pointer": .text($0.pointer), "detail": .text($0.detail)] })
        }
        return .object(members)
    }
}

extension Problem.Kind {
    public var status: Int {
        switch self {
        case .badRequest, .badSelection, .badCursor, .idempotencyKeyMissing: 400
        case .unauthenticated, .badSignature, .staleDelivery: 401
        case .forbidden, .csrf: 403
        case .notFound, .unknownAsset, .unknownOperation, .unknownRun, .unknownSensor, .unknownSource,
            .unknownTrigger:
            404
        case .methodNotAllowed: 405
        case .alreadyEnded, .notUnresolved, .nothingToRetry, .planChanged: 409
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .idempotencyKeyReused, .reasonMissing: 422
        case .rateLimited: 429
        case .internal: 500
        case .superseded, .storeUnavailable: 503
        }
    }

    /// The same for each problem of the kind.
    public var title: String {
        switch self {
        case .alreadyEnded: "It has ended"
        case .badCursor: "The cursor cannot be read"
        case .badRequest: "The request cannot be read"
        case .badSelection: "The selection cannot be read"
        case .badSignature: "The signature does not fit"
        case .bodyTooLarge: "The body is too large"
        case .csrf: "The request is of another page"
        case .forbidden: "Not permitted"
        case .idempotencyKeyMissing: "An effect needs a key"
        case .idempotencyKeyReused: "The key belongs to another request"
        case .internal: "Something went wrong here"
        case .methodNotAllowed: "Not with this method"
        case .notFound: "Not found"
        case .nothingToRetry: "Nothing to retry"
        case .notUnresolved: "Not unresolved"
        case .planChanged: "The plan has changed"
        case .rateLimited: "Too many requests"
        case .reasonMissing: "A reason is needed"
        case .staleDelivery: "The delivery is too old"
        case .storeUnavailable: "The store cannot be used"
        case .superseded: "Another daemon has taken over"
        case .unauthenticated: "Not signed in"
        case .unknownAsset: "No such asset"
        case .unknownOperation: "No such operation"
        case .unknownRun: "No such run"
        case .unknownSensor: "No such sensor"
        case .unknownSource: "No such source"
        case .unknownTrigger: "No such trigger"
        case .unsupportedMediaType: "The body's type is not taken here"
        }
    }
}
