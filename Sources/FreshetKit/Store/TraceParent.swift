/// The span of somebody else that something asked for here is a part of, as the header `traceparent` names it.
///
/// - SeeAlso: W3C Trace Context, section 3.2.
public struct TraceParent: Hashable, Sendable, CustomStringConvertible {
    /// 32 digits of base 16, in lower case, not all of them 0.
    public let trace: String
    /// 16 digits of base 16, in lower case, not all of them 0.
    public let span: String
    /// 2 digits of base 16, in lower case; the last bit says that the caller may keep its trace.
    public let flags: String

    /// `nil` for one that is malformed, which is to be treated as if it were not there.
    ///
    /// - Parameter header: the header's value. Of a version after the first, only what the first knows is read.
    public init?(_ header: String) {
        let bytes = Array(header.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash else { return nil }
        let (version, trace, span, flags) = (bytes[..<2], bytes[3..<35], bytes[36..<52], bytes[53..<55])
        guard [version, trace, span, flags].allSatisfy({ $0.allSatisfy(Self.isDigit) }) else { return nil }
        let zero = UInt8(ascii: "0")
        guard trace.contains(where: { $0 != zero }), span.contains(where: { $0 != zero }) else { return nil }
        // The first version ends there; a later one may go on, and ff is none.
        let isFirst = version.allSatisfy { $0 == zero }
        guard bytes.count == 55 || !isFirst && bytes[55] == dash, !version.elementsEqual("ff".utf8) else { return nil }
        self.trace = String(decoding: trace, as: UTF8.self)
        self.span = String(decoding: span, as: UTF8.self)
        self.flags = String(decoding: flags, as: UTF8.self)
    }

    /// As the first version writes it.
    public var description: String { "00-\(trace)-\(span)-\(flags)" }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
