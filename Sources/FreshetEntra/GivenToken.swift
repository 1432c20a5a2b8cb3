internal import FreshetCore
internal import FreshetKit

/// Uses a token that somebody else obtained, and reads it again where it is kept before it ends.
struct GivenToken: EntraCredential {
    /// How long one whose end cannot be read is used before it is read again.
    private static let life = Duration.seconds(300)

    var text: String
    var surroundings: Surroundings

    func obtain(_ scope: String) async -> Result<Token, EntraError> {
        do throws(SecretError) {
            var token = try await read()
            if token.expiresAt <= surroundings.clock.now {
                await surroundings.secrets.forget(text)
                token = try await read()
            }
            return token.expiresAt <= surroundings.clock.now
                ? .failure(.givenTokenExpired(at: token.expiresAt)) : .success(token)
        } catch {
            return .failure(.secret(error))
        }
    }

    private func read() async throws(SecretError) -> Token {
        let token = try await surroundings.secrets.resolve(text)
        surroundings.redactor.learn(token)
        let now = surroundings.clock.now
        return Token(text: token, obtainedAt: now, expiresAt: Self.end(of: token) ?? now + Self.life)
    }

    /// The claim `exp` of a JSON Web Token (RFC 7519, section 4.1.4); what is no such token has no known end.
    private static func end(of token: String) -> Timestamp? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let claims = Base64URL.decode(parts[1]), let value = try? JSONValue(parsing: claims)
        else { return nil }
        return value["exp"]?.number.map { Timestamp(seconds: $0) }
    }
}
