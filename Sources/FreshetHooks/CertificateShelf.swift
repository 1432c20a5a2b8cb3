import FreshetCore
import FreshetCrypto
import FreshetKit
import Synchronization

/// The certificates of SNS, each fetched once.
final class CertificateShelf: Sendable {
    private struct State {
        var certificates: [String: Certificate] = [:]
        var pace: HookPace?
    }
    /// SNS changes its certificate once in some months, and each region has its own.
    private static let capacity = 32
    /// Whoever makes up messages must not make us ask AWS for each.
    private static let fetchesPerMinute = 12

    private let transport: any HTTPTransport
    private let state = Mutex(State())

    init(_ transport: any HTTPTransport) { self.transport = transport }

    /// The certificate that stands there, if it holds now.
    ///
    /// The address has to be one that ``SNSMessage/isOfCertificate(_:)`` takes.
    func certificate(at url: String, _ now: Timestamp) async throws(HookRefusal) -> Certificate {
        if let known = state.withLock({ $0.certificates[url] }), known.validity.contains(now) { return known }
        let wait = state.withLock { state in
            var pace = state.pace ?? HookPace(perMinute: Self.fetchesPerMinute, at: now)
            defer { state.pace = pace }
            return pace.take(at: now)
        }
        if let wait { throw .tooMany(retryAfter: wait) }
        let response = try await Self.get(url, transport)
        guard response.status == 200, let certificate = Certificate(pem: response.body) else {
            throw .unavailable("the certificate of SNS cannot be had: its address answers \(response.status)")
        }
        guard certificate.validity.contains(now) else { throw .expiredCertificate }
        state.withLock { state in
            if state.certificates.count >= Self.capacity { state.certificates = [:] }
            state.certificates[url] = certificate
        }
        return certificate
    }

    /// Asks an address of SNS; there is nothing to answer to a redirect.
    static func get(_ url: String, _ transport: any HTTPTransport) async throws(HookRefusal) -> HTTPResponse {
        let request = HTTPRequest(
            "GET",
            url,
            timeout: .seconds(10),
            maxBodySize: 64 << 10,
            // Within a virtual network SNS may have a private address.
            egress: Egress(allowsPrivate: true)
        )
        do throws(HTTPError) { return try await transport.send(request) } catch {
            throw .unavailable("SNS cannot be asked: \(error.message)")
        }
    }
}
