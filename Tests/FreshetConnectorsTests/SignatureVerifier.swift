import CCrypto
import Foundation
import RawServer

/// Recomputes a request's signature from its raw bytes, as the AWS Signature Version 4 guide for S3 says.
struct SignatureVerifier {
    var secret: String

    /// Nil when the signature is right, else what is wrong.
    func mistake(in request: RawConnection.Request) -> String? {
        let line = request.line.split(separator: " ").map(String.init)
        let target = line[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let authorization = request.field("Authorization") else { return "there is no signature" }
        var parts: [String: String] = [:]
        for part in authorization.drop(while: { $0 != " " }).split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1)
            parts[pair[0].trimmingCharacters(in: .whitespaces)] = String(pair[1])
        }
        guard let credential = parts["Credential"]?.split(separator: "/").map(String.init), credential.count == 5,
            let signed = parts["SignedHeaders"]?.split(separator: ";").map(String.init),
            let signature = parts["Signature"],
            let date = request.field("X-Amz-Date"), let payload = request.field("x-amz-content-sha256")
        else { return "the signature is incomplete: \(authorization)" }
        for name in ["host", "x-amz-content-sha256", "x-amz-date"] where !signed.contains(name) {
            return "\(name) is not signed"
        }
        for name in signed where request.field(name) == nil { return "\(name) is signed, and not sent" }
        guard payload == hexadecimal(sha256(request.body)) else { return "the body's hash is wrong" }
        let path = target[0].split(separator: "/", omittingEmptySubsequences: false).map { encode(decode(String($0))) }
        var query: [String] = []
        for parameter in (target.count > 1 ? target[1] : "").split(separator: "&") {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query.append("\(encode(decode(String(pair[0]))))=\(pair.count > 1 ? encode(decode(String(pair[1]))) : "")")
        }
        let headers = signed.map { name in
            "\(name):\((request.field(name) ?? "").split(separator: " ").joined(separator: " "))\n"
        }
        let canonical = [
            line[0], path.joined(separator: "/"), query.sorted().joined(separator: "&"), headers.joined(),
            signed.joined(separator: ";"), payload,
        ].joined(separator: "\n")
        let scope = credential[1...].joined(separator: "/")
        let hash = hexadecimal(sha256(Array(canonical.utf8)))
        let toSign = ["AWS4-HMAC-SHA256", date, scope, hash].joined(separator: "\n")
        var key = Array("AWS4\(secret)".utf8)
        for part in credential[1...] { key = hmac(key, Array(part.utf8)) }
        let right = hexadecimal(hmac(key, Array(toSign.utf8)))
        return right == signature ? nil : "the signature is wrong; it should sign:\n\(canonical)"
    }

    private func encode(_ text: String) -> String {
        let letters = "abcdefghijklmnopqrstuvwxyz"
        let unreserved = CharacterSet(charactersIn: letters + letters.uppercased() + "0123456789-_.~")
        return text.addingPercentEncoding(withAllowedCharacters: unreserved)!
    }

    private func decode(_ text: String) -> String { text.removingPercentEncoding! }

    private func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
        return digest
    }

    /// RFC 2104.
    private func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var key = key.count > 64 ? sha256(key) : key
        key += [UInt8](repeating: 0, count: 64 - key.count)
        return sha256(key.map { $0 ^ 0x5C } + sha256(key.map { $0 ^ 0x36 } + message))
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
}
