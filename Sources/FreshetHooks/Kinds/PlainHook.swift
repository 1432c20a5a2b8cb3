import FreshetCore
import FreshetCrypto

/// A webhook in the manner of Standard Webhooks, which anybody can send with a dozen lines of a shell script.
///
/// - SeeAlso: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
enum PlainHook {
    static func verify(
        _ request: HookRequest,
        _ secrets: [HookSecret],
        at now: Timestamp
    ) throws(HookRefusal) -> HookDelivery {
        let id = try require(request, secrets, at: now)
        // Who takes one id for all of their news would otherwise be heard once in a week, and told that all is well.
        let key = "\(id) sha256:\(try request.digest)"
        guard !request.body.isEmpty else { return HookDelivery(id: id, key: key, type: "") }
        try request.requireType("application/json")
        let body = try request.document()
        return HookDelivery(id: id, key: key, type: body["type"]?.text ?? "", names: body.namedAssets)
    }

    /// - Returns: the delivery's id, which is signed with the rest.
    /// - Throws: ``HookRefusal`` when the signature is not one of the secrets', or of another time.
    static func require(
        _ request: HookRequest,
        _ secrets: [HookSecret],
        at now: Timestamp
    ) throws(HookRefusal) -> String {
        let id = try request.only("webhook-id")
        let time = try request.only("webhook-timestamp")
        guard let seconds = Int64(time), (0...253_402_300_799).contains(seconds) else {
            throw .malformed("the header webhook-timestamp has to be a number of seconds since 1970")
        }
        let message = Array("\(id).\(time).".utf8) + request.body
        var isRight = false
        for part in try request.only("webhook-signature").split(separator: " ").prefix(8) where part.hasPrefix("v1,") {
            guard let code = Base64.decode(part.dropFirst(3).unpadded, .plain) else { continue }
            for key in [plainKey, decodedKey] where try secrets.sign(message, as: code, key: key) { isRight = true }
        }
        guard isRight else { throw .badSignature }
        let sent = Timestamp(milliseconds: seconds * 1000)
        let tolerance = HookDelivery.tolerance
        guard (now - tolerance...now + tolerance).contains(sent) else { throw .stale(sent: sent, tolerance: tolerance) }
        return id
    }

    /// A secret that was made up, as it is.
    private static func plainKey(_ secret: HookSecret) -> [UInt8]? {
        secret.text.hasPrefix(prefix) ? nil : secret.bytes
    }

    /// The form of the standard's libraries, of which some take it without its prefix too.
    private static func decodedKey(_ secret: HookSecret) -> [UInt8]? {
        let text = secret.text.hasPrefix(prefix) ? secret.text.dropFirst(prefix.count) : secret.text[...]
        // A short text of letters can look like base64; what is left of it would be a weak key.
        return Base64.decode(text.unpadded, .plain).flatMap { $0.count >= HookSecret.leastBytes ? $0 : nil }
    }

    private static let prefix = "whsec_"
}

extension Substring {
    /// Without the signs that fill up a group of base64.
    fileprivate var unpadded: Substring { self[..<(lastIndex { $0 != "=" }.map(index(after:)) ?? startIndex)] }
}
