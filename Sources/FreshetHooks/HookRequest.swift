import FreshetCore
import FreshetCrypto
package import FreshetKit

/// A request to a hook, as it came.
package struct HookRequest: Sendable {
    package var headers: HTTPHeaders
    /// Byte for byte what was signed.
    package var body: [UInt8]

    package init(headers: HTTPHeaders, body: [UInt8]) {
        self.headers = headers
        self.body = body
    }

    /// No header that is of use here is longer.
    private static let longestHeader = 4096

    /// The only value of a header; `nil` where there is none.
    ///
    /// - Throws: ``HookRefusal`` where there are several: which of them counts is a matter of taste.
    func optional(_ name: String) throws(HookRefusal) -> String? {
        let found = headers.fields.filter { $0.name.lowercased() == name.lowercased() }
        guard let first = found.first else { return nil }
        guard found.count == 1 else { throw .missingHeader(name) }
        guard first.value.utf8.count <= Self.longestHeader else { throw .malformed("the header \(name) is too long") }
        return first.value
    }

    /// - Throws: ``HookRefusal/missingHeader(_:)`` where there is none, or several.
    func only(_ name: String) throws(HookRefusal) -> String {
        guard let value = try optional(name), !value.isEmpty else { throw .missingHeader(name) }
        return value
    }

    /// The body's type without its parameters, in small letters; empty where none is stated.
    var mediaType: String {
        let stated = (headers["content-type"] ?? "").prefix { $0 != ";" }.prefix(100)
        return String(stated.filter { $0 != " " }).lowercased()
    }

    /// - Throws: ``HookRefusal/unsupportedType(_:)``.
    func requireType(_ types: String...) throws(HookRefusal) {
        guard types.contains(mediaType) else { throw .unsupportedType(mediaType) }
    }

    /// SHA-256 of the body, as 64 hexadecimal digits.
    var digest: String {
        get throws(HookRefusal) {
            do throws(CryptoError) { return try Digest.sha256(body).hexadecimal } catch {
                throw .unavailable(error.description)
            }
        }
    }

    /// The body as JSON, whatever its type is said to be.
    func document() throws(HookRefusal) -> JSONValue {
        do { return try JSONValue(parsing: body) } catch { throw .malformed("the body is not JSON") }
    }
}
