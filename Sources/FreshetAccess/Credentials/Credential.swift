package import FreshetCrypto

/// What a machine, a browser or a link shows: a prefix, 32 bytes that nobody can guess, and a checksum.
///
/// Such as `frt_` with 49 letters and digits. The prefix lets scanners find one that leaked, the checksum lets them, and
/// us, tell a real one from a likeness without asking a store. Only its ``digest`` is ever stored: a hash of 256 random
/// bits needs neither salt nor slowness.
package struct Credential: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Stands in addresses, where others may read it, and so shows badges and opens nothing else.
        case badge = "frb_"
        case link = "frl_"
        case session = "frs_"
        case token = "frt_"
    }

    package let kind: Kind
    /// As it is shown.
    package let text: String

    private static let secretWidth = 43
    private static let checksumWidth = 6

    /// A new one.
    package static func make(_ kind: Kind, _ entropy: Entropy) throws(CryptoError) -> Credential {
        let body = kind.rawValue + Base62.encode(try entropy.bytes(32), width: secretWidth)
        return Credential(kind: kind, text: body + checksum(of: body))
    }

    private init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }

    /// - Returns: `nil` for anything that ``make(_:_:)`` cannot have made.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 4 + Self.secretWidth + Self.checksumWidth,
            let kind = Kind(rawValue: String(decoding: bytes[..<4], as: UTF8.self)),
            bytes[4...].allSatisfy(Base62.isDigit)
        else { return nil }
        let body = String(decoding: bytes.dropLast(Self.checksumWidth), as: UTF8.self)
        guard text.utf8.suffix(Self.checksumWidth).elementsEqual(Self.checksum(of: body).utf8) else { return nil }
        self.init(kind: kind, text: String(text))
    }

    /// SHA-256 as 64 hexadecimal digits: what a store knows it by.
    package var digest: String { get throws(CryptoError) { try Digest.sha256(Array(text.utf8)).hexadecimal } }

    /// CRC-32 (ISO 3309) in six digits; it finds slips, not forgers.
    private static func checksum(of text: String) -> String {
        var sum: UInt32 = .max
        for byte in text.utf8 {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        sum = ~sum
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }
        return Base62.encode(bytes, width: checksumWidth)
    }
}
