import FoundationEssentials

enum Base64 {
    static func decoded(_ text: some StringProtocol) -> [UInt8]? {
        Data(base64Encoded: String(text)).map { Array($0) }
    }

    static func encoded(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// The alphabet for URLs, without padding (RFC 4648 §5).
    static func decodedURL(_ text: some StringProtocol) -> [UInt8]? {
        let plain = String(text).replacing("-", with: "+").replacing("_", with: "/")
        return decoded(plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }

    static func encodedURL(_ bytes: [UInt8]) -> String {
        encoded(bytes).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
