public import FreshetCore
import NIOSSL

/// The certificate and the private key that the server shows to those who connect.
public struct TLSIdentity: Sendable {
    /// What is wrong with the files' contents; it names no part of a key.
    public enum Problem: Error, Hashable, Sendable {
        case noCertificate
        case noKey
        /// The key is not that of the first certificate, or of a kind that cannot be used.
        case mismatch
    }

    let configuration: TLSConfiguration
    /// When the server's own certificate ceases to be good.
    public let expiresAt: Timestamp

    /// - Parameters:
    ///   - certificate: PEM: the server's own certificate first, then those that lead to a root.
    ///   - key: PEM, not encrypted.
    /// - Throws: ``Problem``.
    public init(certificate: [UInt8], key: [UInt8]) throws(Problem) {
        let chain: [NIOSSLCertificate]
        do { chain = try NIOSSLCertificate.fromPEMBytes(certificate) } catch { throw .noCertificate }
        guard let own = chain.first else { throw .noCertificate }
        expiresAt = Timestamp(milliseconds: Int64(own.notValidAfter) * 1000)
        let privateKey: NIOSSLPrivateKey
        do { privateKey = try NIOSSLPrivateKey(bytes: key, format: .pem) } catch { throw .noKey }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(privateKey)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // Finds out at the start, not at the first request, whether the two belong together.
        do { _ = try NIOSSLContext(configuration: configuration) } catch { throw .mismatch }
        self.configuration = configuration
    }
}
