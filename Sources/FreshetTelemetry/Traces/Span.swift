package import FreshetCore
package import FreshetKit

/// A stretch of time in which one thing was done, as OpenTelemetry has it.
package struct Span: Hashable, Sendable {
    package enum Kind: Int, Sendable {
        case `internal` = 1
        /// Another system did it.
        case client = 3
    }

    package enum Status: Hashable, Sendable {
        case unset
        case ok
        /// The reason, free of secrets.
        case error(String)
    }

    /// Something that happened at one moment.
    package struct Event: Hashable, Sendable {
        package var at: Timestamp
        package var name: String
        package var attributes: [String: Value] = [:]
    }

    package enum Value: Hashable, Sendable {
        case text(String)
        case integer(Int64)
        case boolean(Bool)
        case texts([String])
    }

    /// 32 digits of base 16, in lower case.
    package var trace: String
    /// 16 digits of base 16, in lower case; another one for each span of a trace.
    package var id: String
    /// `nil` for the first span of a trace; that of a run may be somebody else's.
    package var parent: String?
    package var name: String
    package var kind = Kind.internal
    package var start: Timestamp
    package var end: Timestamp
    package var attributes: [String: Value] = [:]
    package var events: [Event] = []
    /// Spans of others that it also is about.
    package var links: [TraceParent] = []
    package var status = Status.unset
}

/// Ids of traces and spans that come of what they are about, so that the same run has the same ids whoever makes them.
enum SpanID {
    /// The run's own id where that is a UUID: who knows one knows the other.
    static func trace(of run: RunID) -> String {
        let digits = run.filter { $0 != "-" }.lowercased()
        let isUUID = digits.utf8.count == 32 && digits.utf8.allSatisfy(Self.isHexadecimal)
        // Of zeros alone is no id (W3C Trace Context, section 3.2.2.3).
        if isUUID, digits.contains(where: { $0 != "0" }) { return digits }
        return hash("trace 1 " + run) + hash("trace 2 " + run)
    }

    /// Of a span, by what it is about: a path that is unique in its trace.
    static func span(_ path: String..., in trace: String) -> String {
        // With their lengths, so that no two paths give the same text.
        hash(([trace] + path).map { "\($0.utf8.count):\($0)" }.joined())
    }

    /// FNV-1a, then mixed so that names that differ in their last letter differ everywhere; never 0.
    private static func hash(_ text: String) -> String {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        value = (value ^ value >> 33) &* 0xff51_afd7_ed55_8ccd
        value ^= value >> 33
        let digits = String(max(value, 1), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
