import CCrypto

/// Hashes, computed by OpenSSL.
enum Digest {
    static func md5(_ bytes: [UInt8]) -> [UInt8] { hash(bytes, EVP_md5(), 16) }

    static func sha1(_ bytes: [UInt8]) -> [UInt8] { hash(bytes, EVP_sha1(), 20) }

    static func sha256(_ bytes: [UInt8]) -> [UInt8] { hash(bytes, EVP_sha256(), 32) }

    static func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        var length: UInt32 = 0
        // The result is nil only for a digest that is not there; SHA-256 always is.
        _ = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &out, &length)
        return out
    }

    /// CRC-32 as zip and S3's `x-amz-checksum-crc32` use it.
    static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { sum, byte in
            crcTable[Int((sum ^ UInt32(byte)) & 0xff)] ^ (sum >> 8)
        }
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func hash(_ bytes: [UInt8], _ algorithm: OpaquePointer?, _ size: Int) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: size)
        var length: UInt32 = 0
        // Fails only for lack of memory or a disabled algorithm, and then the comparison that follows fails too.
        _ = EVP_Digest(bytes, bytes.count, &out, &length, algorithm, nil)
        return out
    }

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
    }
}
