import CCurl
import FreshetFailpoints
import FreshetKit
import Synchronization

/// One request on its way, and what has come back so far.
///
/// `@unchecked Sendable`: set up by its caller, then handed over to the loop's thread; only ``isCancelled`` is shared.
final class Exchange: @unchecked Sendable {
    /// The bytes of all header fields together that are accepted.
    private static let maxHeaderSize = 256 << 10

    let request: HTTPRequest
    let origin: String
    let isCancelled = Atomic(false)
    var continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>?
    /// When it has to have ended, in monotonic milliseconds.
    var deadline: Int64 = 0
    /// Present while libcurl works on the exchange.
    var handle: EasyHandle?
    private var response = HTTPResponse(status: 0)
    private var headerSize = 0
    private var isTooLarge = false
    /// What the address was that the request may not be sent to, and whether nothing can allow it.
    private var refusal: (reason: String, isFinal: Bool)?
    /// Whatever a connection may allow.
    private static let widest = Egress(
        allowsPrivate: true,
        allowed: ["0.0.0.0/0", "::/0"].compactMap { AddressRange(parsing: $0) }
    )

    private var isKnownToBeSent = false

    init(_ request: HTTPRequest) {
        self.request = request
        origin = request.origin
    }

    /// Resumes the caller, at most once.
    func end(_ result: Result<HTTPResponse, HTTPError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }

    func outcome(_ code: CURLcode) -> Result<HTTPResponse, HTTPError> {
        guard code == CURLE_OK else {
            return .failure(error(code, mayHaveArrived: handle?.mayHaveArrived ?? true))
        }
        response.status = handle?.status ?? 0
        return .success(response)
    }

    func error(_ code: CURLcode, mayHaveArrived: Bool) -> HTTPError {
        guard !isTooLarge else {
            let message = "\(origin): the answer is larger than \(request.maxBodySize) bytes"
            return HTTPError(.tooLarge, mayHaveArrived: true, message: message)
        }
        // Another address of the same name may have been tried after it, and have failed for a reason of its own.
        if let refusal, [CURLE_COULDNT_CONNECT, CURLE_ABORTED_BY_CALLBACK].contains(code) {
            let message =
                "\(origin): the address is \(refusal.reason), "
                + (refusal.isFinal
                    ? "which is never asked; no setting allows it"
                    : "and requests to such are not allowed; if it is meant, allow it at the connection")
            return HTTPError(.forbiddenAddress, mayHaveArrived: false, message: message)
        }
        return HTTPError(code, libcurl: handle?.errorMessage ?? "", origin: origin, mayHaveArrived: mayHaveArrived)
    }

    /// Whether the request may be sent to this address; keeps why not.
    func admits(_ address: [UInt8]) -> Bool {
        guard let reason = request.egress?.refusal(of: address) else { return true }
        refusal = (reason, Self.widest.refusal(of: address) != nil)
        return false
    }

    /// Whether a request that goes out once, on a connection of its own, has left since this was last asked.
    var hasJustBeenSent: Bool {
        guard request.onFreshConnection, !isKnownToBeSent, handle?.mayHaveArrived == true else { return false }
        isKnownToBeSent = true
        return true
    }

    /// Returns false when the answer has become too large.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard response.body.count + bytes.count <= request.maxBodySize else {
            isTooLarge = true
            return false
        }
        response.body.append(contentsOf: bytes)
        return true
    }

    /// Takes one line of the head, as it came; returns false when the head has become too large.
    func receive(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headerSize += bytes.count
        guard headerSize <= Self.maxHeaderSize else {
            isTooLarge = true
            return false
        }
        failpoint(request.onFreshConnection && bytes.elementsEqual("\r\n".utf8) ? .postAfterHeaders : nil)
        if bytes.starts(with: "HTTP/".utf8) {
            // An interim answer (100, 103) or a proxy's came before: only the last head counts.
            response.headers = HTTPHeaders()
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            let name = String(decoding: bytes[..<colon], as: UTF8.self)
            var value = bytes[(colon + 1)...]
            while let first = value.first, Self.isSpace(first) { value = value.dropFirst() }
            while let last = value.last, Self.isSpace(last) { value = value.dropLast() }
            response.headers.append(name, String(decoding: value, as: UTF8.self))
        }
        return true
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
