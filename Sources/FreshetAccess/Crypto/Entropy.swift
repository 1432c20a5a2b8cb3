private import CCrypto
package import FreshetCrypto

/// The seam to bytes that nobody can guess.
package struct Entropy: Sendable {
    /// Gives so many bytes.
    package typealias Source = @Sendable (Int) throws(Failure) -> [UInt8]
    package typealias Failure = CryptoError

    private let source: Source

    package init(_ source: @escaping Source) { self.source = source }

    /// OpenSSL's generator for what has to stay secret, seeded by the kernel.
    package static let system = Entropy { count throws(CryptoError) in
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_priv_bytes(&bytes, Int32(count)) == 1 else { throw CryptoError(what: "random bytes") }
        return bytes
    }

    func bytes(_ count: Int) throws(CryptoError) -> [UInt8] { try source(count) }
}
