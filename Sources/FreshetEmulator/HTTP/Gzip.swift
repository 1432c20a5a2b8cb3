/// The gzip format, written without compressing: a client sees no difference but the size.
///
/// - SeeAlso: RFC 1952 for the frame, RFC 1951 §3.2.4 for stored blocks.
enum Gzip {
    static func framed(_ bytes: [UInt8]) -> [UInt8] {
        // Magic, deflate, no flags, no time, no extra flags, unknown system.
        var out: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            out.append(rest.isEmpty ? 1 : 0)
            append(UInt32(block.count), 2, to: &out)
            append(~UInt32(block.count), 2, to: &out)
            out += block
        } while !rest.isEmpty
        append(checksum(bytes), 4, to: &out)
        append(UInt32(truncatingIfNeeded: bytes.count), 4, to: &out)
        return out
    }

    /// The CRC-32 of RFC 1952 §8.
    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { crc, byte in table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
    }

    private static let table = (UInt32(0)..<256).map { index in
        (0..<8).reduce(index) { crc, _ in crc & 1 == 1 ? 0xedb8_8320 ^ (crc >> 1) : crc >> 1 }
    }

    private static func append(_ number: UInt32, _ bytes: Int, to out: inout [UInt8]) {
        for index in 0..<bytes { out.append(UInt8(truncatingIfNeeded: number >> (8 * UInt32(index)))) }
    }
}

extension Call {
    /// Whether the caller takes gzip (RFC 9110 §12.5.3); a weight of zero means it does not.
    var acceptsGzip: Bool {
        (header("accept-encoding") ?? "").split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map(\.trimmed)
            guard let name = parts.first?.lowercased(), name == "gzip" || name == "*" else { return false }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
            return weight != 0
        }
    }
}

extension Reply {
    /// The same answer in gzip, when there is anything to pack.
    mutating func compress() {
        guard !body.isEmpty, header("content-encoding") == nil else { return }
        body = Gzip.framed(body)
        headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    }
}
