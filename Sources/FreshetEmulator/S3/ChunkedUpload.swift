/// A body in `aws-chunked` form, which recent SDKs send by default so that a checksum can follow the data.
///
/// Chunks are signed in a chain when the payload word says so: each signature covers the one before.
///
/// - SeeAlso: Amazon S3 API reference, "Signature Calculations … Transferring Payload in Multiple Chunks", and "… with trailing headers".
struct ChunkedUpload: Sendable {
    /// The data alone.
    private(set) var content: [UInt8] = []
    /// Headers sent after the data, names in lower case.
    private(set) var trailers: [(name: String, value: String)] = []

    private static let emptyHash = Digest.hex(Digest.sha256([]))

    init(_ body: [UInt8], signature: SignatureV4, secret: String, call: Call) throws(S3Error) {
        let isSigned = signature.payload.hasPrefix("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        guard isSigned || signature.payload == "STREAMING-UNSIGNED-PAYLOAD-TRAILER" else {
            throw .notImplemented(signature.payload)
        }
        var rest = body[...]
        var previous = signature.signature
        while true {
            let (size, claimed) = try ChunkedUpload.chunkHead(&rest)
            guard rest.count >= size else { throw .incompleteBody("A chunk is shorter than announced") }
            let data = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            if isSigned {
                previous = try ChunkedUpload.check(data, claimed, after: previous, signature, secret)
            }
            if size == 0 { break }
            guard ChunkedUpload.line(&rest)?.isEmpty == true else {
                throw .incompleteBody("A chunk does not end where announced")
            }
            content += data
        }
        try readTrailers(&rest, after: previous, isSigned ? signature : nil, secret)
        if let length = call.header("x-amz-decoded-content-length"), Int(length) != content.count {
            throw .incompleteBody("The decoded length is not the one announced")
        }
        try Checksum.check(content, against: trailers)
    }

    /// Reads `size;chunk-signature=…`.
    private static func chunkHead(_ rest: inout ArraySlice<UInt8>) throws(S3Error) -> (Int, String?) {
        guard let line = line(&rest) else { throw .incompleteBody("The last chunk is missing") }
        let parts = line.split(separator: ";", maxSplits: 1)
        guard let digits = parts.first, let size = Int(digits, radix: 16), size >= 0 else {
            throw .incompleteBody("A chunk's size cannot be read")
        }
        let prefix = "chunk-signature="
        let claimed = parts.count > 1 && parts[1].hasPrefix(prefix) ? String(parts[1].dropFirst(prefix.count)) : nil
        return (size, claimed)
    }

    private static func check(
        _ data: [UInt8],
        _ claimed: String?,
        after previous: String,
        _ signature: SignatureV4,
        _ secret: String
    ) throws(S3Error) -> String {
        let hash = Digest.hex(Digest.sha256(data))
        let text = [
            "AWS4-HMAC-SHA256-PAYLOAD", signature.timestamp, signature.scope, previous, emptyHash, hash,
        ].joined(separator: "\n")
        let expected = signature.sign(text, secret: secret)
        guard expected == claimed else { throw .signatureDoesNotMatch(canonicalRequest: "", stringToSign: text) }
        return expected
    }

    private mutating func readTrailers(
        _ rest: inout ArraySlice<UInt8>,
        after previous: String,
        // Nil when the trailer is not signed.
        _ signature: SignatureV4?,
        _ secret: String
    ) throws(S3Error) {
        var claimed: String?
        while let line = ChunkedUpload.line(&rest) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let name = parts[0].lowercased()
            if name == "x-amz-trailer-signature" {
                claimed = parts[1].trimmed
            } else {
                trailers.append((name, parts[1].trimmed))
            }
        }
        guard let signature, !trailers.isEmpty else { return }
        let listed = trailers.map { "\($0.name):\($0.value)\n" }.joined()
        let hash = Digest.hex(Digest.sha256(Array(listed.utf8)))
        let text = ["AWS4-HMAC-SHA256-TRAILER", signature.timestamp, signature.scope, previous, hash]
            .joined(separator: "\n")
        guard signature.sign(text, secret: secret) == claimed else {
            throw .signatureDoesNotMatch(canonicalRequest: listed, stringToSign: text)
        }
    }

    /// The text up to the next line break, which is consumed; nil at the end.
    private static func line(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        var line = rest[..<end]
        rest = rest[(end + 1)...]
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        return String(decoding: line, as: UTF8.self)
    }
}

/// The checksums SDKs send beside a body.
///
/// CRC-32 and SHA-256 are checked, the others kept and believed.
enum Checksum {
    static func check(_ body: [UInt8], against headers: [(name: String, value: String)]) throws(S3Error) {
        for (name, value) in headers {
            let expected: [UInt8]
            switch name {
            case "content-md5": expected = Digest.md5(body)
            case "x-amz-checksum-crc32":
                let sum = Digest.crc32(body)
                expected = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
            case "x-amz-checksum-sha256": expected = Digest.sha256(body)
            default: continue
            }
            guard Base64.encoded(expected) == value else {
                throw .badDigest("The \(name) you specified did not match what we received.")
            }
        }
    }
}
