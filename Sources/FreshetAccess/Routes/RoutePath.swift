/// The path of a request, read strictly: what has two readings, or a second spelling, is no path at all.
///
/// Servers were opened again and again by paths that the guard read otherwise than the house: `//`, `/./`, `%2e`, `%2f`,
/// `;a=b`, a slash or a suffix more. So nothing is normalised here. A target has to be in origin form (RFC 9112, section
/// 3.2.1), in plain ASCII, with segments that are not empty, `.` or `..`; a percent sign may only spell a byte that is
/// not unreserved (RFC 3986, section 2.3), and never a slash, a backslash, a control character or what is no UTF-8. Letters are
/// compared as they are.
package struct RoutePath: Hashable, Sendable {
    package struct Segment: Hashable, Sendable {
        /// As it came.
        package var raw: String
        /// With its percent-encoded bytes decoded, once.
        package var text: String
    }

    /// None for `/`.
    package let segments: [Segment]

    /// Bytes of a path, all of it; an asset's key of 512 letters of any script fits.
    static let longest = 6144
    private static let mostSegments = 40

    /// - Parameter target: the second word of the request line, with its query.
    package init?(target: String) {
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }
        guard path.first == UInt8(ascii: "/"), path.count <= Self.longest else { return nil }
        guard path.count > 1 else {
            segments = []
            return
        }
        var segments: [Segment] = []
        for bytes in path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard segments.count < Self.mostSegments, let segment = Self.segment(Array(bytes)) else { return nil }
            segments.append(segment)
        }
        self.segments = segments
    }

    private static func segment(_ raw: [UInt8]) -> Segment? {
        guard !raw.isEmpty else { return nil }
        var bytes: [UInt8] = []
        var index = 0
        while index < raw.count {
            let byte = raw[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < raw.count, let high = digit(raw[index + 1]), let low = digit(raw[index + 2]) else {
                    return nil
                }
                let spelled = high << 4 | low
                guard mayBeEncoded(spelled) else { return nil }
                bytes.append(spelled)
                index += 3
            } else {
                guard mayStand(byte) else { return nil }
                bytes.append(byte)
                index += 1
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self), text != ".", text != ".." else { return nil }
        // A second pair of readings: what looks the same and is encoded otherwise, such as a control of direction.
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return nil }
        return Segment(raw: String(decoding: raw, as: UTF8.self), text: text)
    }

    /// RFC 3986, section 3.3, `pchar` without `;`, which servers cut at, and `%`.
    private static func mayStand(_ byte: UInt8) -> Bool {
        isUnreserved(byte) || "!$&'()*+,=:@".utf8.contains(byte)
    }

    /// Neither what separates, nor what needs no encoding: that would be a second spelling.
    private static func mayBeEncoded(_ byte: UInt8) -> Bool {
        !isUnreserved(byte) && byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "\\")
            && byte != UInt8(ascii: "%")
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool { Base62.isDigit(byte) || "-._~".utf8.contains(byte) }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
