/// The seam to the network: one request, one answer.
///
/// A transport neither retries nor follows redirects; decorators and clients do what their protocol allows.
public protocol HTTPTransport: Sendable {
    /// - Throws: ``HTTPError`` when no complete answer came; a status of 400 or more is an answer, not an error.
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse
}

public struct HTTPRequest: Sendable {
    public var method: String
    /// Absolute, with path and query percent-encoded as they go on the wire.
    public var url: String
    public var headers: HTTPHeaders
    public var body: [UInt8]?
    /// From the first byte out to the last byte in.
    public var timeout: Duration
    /// Opens a connection of its own, so that nothing below this seam can send the request twice.
    public var onFreshConnection: Bool
    /// Signs with AWS Signature Version 4; `x-amz-content-sha256` has to be among the headers.
    public var signing: AWSSigning?
    /// Connects to this Unix socket instead of the host in `url`.
    public var unixSocket: String?
    /// Connects without a proxy, whatever the environment names; for addresses that only this machine can reach.
    public var isDirect: Bool
    /// The most bytes of body that are accepted; more is ``HTTPError/Reason/tooLarge``.
    public var maxBodySize: Int
    /// A PEM file of the authorities to trust for this request, in place of the transport's own.
    public var caFile: String?
    /// Which addresses it may be connected to, `nil` for any; behind a proxy that is the proxy's address.
    public var egress: Egress?

    public init(
        _ method: String,
        _ url: String,
        headers: HTTPHeaders = [:],
        body: [UInt8]? = nil,
        timeout: Duration = .seconds(60),
        onFreshConnection: Bool = false,
        signing: AWSSigning? = nil,
        unixSocket: String? = nil,
        isDirect: Bool = false,
        maxBodySize: Int = 256 << 20,
        caFile: String? = nil,
        egress: Egress? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.onFreshConnection = onFreshConnection
        self.signing = signing
        self.unixSocket = unixSocket
        self.isDirect = isDirect
        self.maxBodySize = maxBodySize
        self.caFile = caFile
        self.egress = egress
    }
}

public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: HTTPHeaders
    public var body: [UInt8]

    public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Header fields in order; names compare without regard to case.
public struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    public struct Field: Sendable, Hashable {
        public var name: String
        public var value: String
    }
    public private(set) var fields: [Field] = []

    public init() {}
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }

    public mutating func append(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    /// The first value of that name; setting replaces every value of that name.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
        set {
            fields.removeAll { $0.name.lowercased() == name.lowercased() }
            if let newValue { append(name, newValue) }
        }
    }
}

/// Credentials and scope for AWS Signature Version 4.
public struct AWSSigning: Sendable {
    public var accessKeyID: String
    public var secretAccessKey: String
    public var region: String
    public var service: String

    public init(accessKeyID: String, secretAccessKey: String, region: String, service: String) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.region = region
        self.service = service
    }
}

/// Why no answer came back.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, Hashable, Sendable {
        case badURL = "bad_url"
        case cannotResolve = "cannot_resolve"
        case cannotConnect = "cannot_connect"
        case tls
        case timedOut = "timed_out"
        /// The connection ended before the answer was complete.
        case connectionLost = "connection_lost"
        case tooLarge = "too_large"
        /// The address is none that the request may be sent to; see ``HTTPRequest/egress``.
        case forbiddenAddress = "forbidden_address"
        case cancelled
        case other
    }
    public var reason: Reason
    /// False only when it is certain that no byte of the request reached the other side.
    public var mayHaveArrived: Bool
    public var message: String

    public init(_ reason: Reason, mayHaveArrived: Bool, message: String) {
        self.reason = reason
        self.mayHaveArrived = mayHaveArrived
        self.message = message
    }

    public var description: String { message }
}
