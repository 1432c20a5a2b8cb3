import FoundationEssentials

enum Base64 {
    static func decoded(_ text: some StringProtocol) -> [UInt8]? {
        Data(base64Encoded: String(text)).map { Array($0) }
    }

    static func encoded(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
