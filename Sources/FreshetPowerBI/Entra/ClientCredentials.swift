internal import FreshetCore
internal import FreshetKit

/// Signs in as an application with a client secret (RFC 6749, 4.4; Microsoft identity platform v2.0).
///
/// Every field may hold references to secrets; they are resolved at each request, so that rotation needs no restart.
struct ClientCredentials: Sendable {
    var tenantID: String
    var clientID: String
    var clientSecret: String
    var authorityURL: String
    var scope: String
    var surroundings: Surroundings

    func obtain() async -> Result<Token, EntraError> {
        do {
            let request = try await request()
            return await answer(to: request)
        } catch {
            return .failure(.secret(error))
        }
    }

    private func request() async throws(SecretError) -> HTTPRequest {
        let secret = try await surroundings.secrets.resolve(clientSecret)
        surroundings.redactor.learn(secret)
        let encoded = FormEncoding.encode(secret)
        surroundings.redactor.learn(encoded)
        let fields = [
            "client_id=" + FormEncoding.encode(try await surroundings.secrets.resolve(clientID)),
            "client_secret=" + encoded,
            "grant_type=client_credentials",
            "scope=" + FormEncoding.encode(try await surroundings.secrets.resolve(scope)),
        ]
        let authority = try await surroundings.secrets.resolve(authorityURL).withoutTrailingSlash
        let tenant = FormEncoding.encode(try await surroundings.secrets.resolve(tenantID))
        return HTTPRequest(
            "POST",
            "\(authority)/\(tenant)/oauth2/v2.0/token",
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
            body: Array(fields.joined(separator: "&").utf8),
            timeout: .seconds(20),
            maxBodySize: 1 << 20
        )
    }

    private func answer(to request: HTTPRequest) async -> Result<Token, EntraError> {
        let askedAt = surroundings.clock.now
        let response: HTTPResponse
        do {
            response = try await surroundings.transport.send(request)
        } catch {
            return .failure(.unreachable(error))
        }
        guard let wire = WireObject(parsing: response.body) else {
            return .failure(.unreadable(status: response.status))
        }
        if response.status == 200, let text = wire.text("access_token"), let life = wire.integer("expires_in") {
            surroundings.redactor.learn(text)
            return .success(Token(text: text, obtainedAt: askedAt, expiresAt: askedAt + .seconds(life)))
        }
        guard let error = wire.text("error") else { return .failure(.unreadable(status: response.status)) }
        // The first line says it; trace ids and times follow.
        let text = wire.text("error_description") ?? ""
        let message = text.prefix { !$0.isNewline }.prefix(upTo: " Trace ID:")
        return .failure(
            .refused(
                status: response.status,
                error: error,
                code: wire["error_codes"]?.list?.first?.integer.flatMap { Int(exactly: $0) },
                message: surroundings.redactor.redact(message)
            )
        )
    }
}

extension Substring {
    /// What stands before the first occurrence of a text; all if there is none.
    fileprivate func prefix(upTo text: String) -> String {
        String(firstRange(of: text).map { self[..<$0.lowerBound] } ?? self)
    }
}

extension String {
    var withoutTrailingSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}

/// `application/x-www-form-urlencoded`, strict: what is not unreserved in RFC 3986 becomes `%XX`.
enum FormEncoding {
    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return encoded
    }
}
