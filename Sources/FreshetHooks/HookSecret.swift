import FreshetCrypto

/// What a sender and a hook share.
package struct HookSecret: Hashable, Sendable {
    package var text: String

    package init(_ text: String) { self.text = text }

    /// Less can be tried out by whoever sees one signature.
    static let leastBytes = 16

    var bytes: [UInt8] { Array(text.utf8) }
}

extension [HookSecret] {
    /// Whether the code is an HMAC-SHA-256 of the message by one of the secrets.
    ///
    /// All of them are asked, so that the time that it takes does not tell which one fitted.
    func sign(_ message: [UInt8], as code: [UInt8], key: (HookSecret) -> [UInt8]? = { $0.bytes })
        throws(HookRefusal) -> Bool
    {
        var isRight = false
        for secret in self {
            guard let key = key(secret) else { continue }
            do throws(CryptoError) {
                if Digest.areEqual(try Digest.hmac(message, key: key), code) { isRight = true }
            } catch {
                throw .unavailable(error.description)
            }
        }
        return isRight
    }

    /// Whether the text is one of the secrets; their digests are compared, so that not even their lengths show.
    func contain(_ text: String) throws(HookRefusal) -> Bool {
        do throws(CryptoError) {
            let shown = try Digest.sha256([UInt8](text.utf8))
            var isRight = false
            for secret in self where Digest.areEqual(try Digest.sha256(secret.bytes), shown) { isRight = true }
            return isRight
        } catch {
            throw .unavailable(error.description)
        }
    }

    /// Throws ``HookRefusal/badSignature`` when none of the secrets makes the code, which has hexadecimal digits.
    func require(_ message: [UInt8], hexadecimal code: some StringProtocol) throws(HookRefusal) {
        guard let code = [UInt8](hexadecimal: code), try sign(message, as: code) else { throw .badSignature }
    }
}
