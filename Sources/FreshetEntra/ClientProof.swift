internal import FreshetCore
internal import FreshetKit

/// How an application shows that it is itself; each text may hold references.
enum ClientProof: Sendable {
    case secret(String)
    /// A private key and its certificates in PEM, or the path of a file with them.
    case certificate(String, password: String?)
    /// The path of a file with a token of another issuer, which the application trusts.
    case federatedTokenFile(String)

    /// The proof as it is now.
    enum Material: Hashable, Sendable {
        case secret(String)
        case certificate(pem: String, password: String?)
        case assertion(String)
    }

    var texts: [String] {
        switch self {
        case .secret(let text), .federatedTokenFile(let text): [text]
        case .certificate(let text, let password): [text, password].compactMap(\.self)
        }
    }

    func read(_ surroundings: Surroundings) async throws(EntraError) -> Material {
        do throws(SecretError) {
            switch self {
            case .secret(let text):
                let secret = try await surroundings.secrets.resolve(text)
                surroundings.redactor.learn(secret)
                return .secret(secret)
            case .certificate(let text, let password):
                var pem = try await surroundings.secrets.resolve(text)
                // What is empty is no path either: the folder itself would be read.
                if !pem.trimmed.isEmpty, !pem.contains("-----BEGIN ") {
                    pem = try SecretFile.read(surroundings.absolute(pem)).text
                }
                surroundings.redactor.learn(pem)
                guard let password else { return .certificate(pem: pem, password: nil) }
                let resolved = try await surroundings.secrets.resolve(password)
                surroundings.redactor.learn(resolved)
                return .certificate(pem: pem, password: resolved)
            case .federatedTokenFile(let text):
                let path = surroundings.absolute(try await surroundings.secrets.resolve(text))
                // Platforms rotate it in place, and some of them let everyone in the container read it.
                let token = try SecretFile.read(path, isForAll: true).text.trimmed
                surroundings.redactor.learn(token)
                return .assertion(token)
            }
        } catch {
            throw .secret(error)
        }
    }
}

extension ClientProof.Material {
    private static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// What a request shows; `audience` is the address of the token endpoint.
    func fields(
        clientID: String,
        audience: String,
        _ surroundings: Surroundings
    ) throws(EntraError) -> [(name: String, value: String)] {
        let assertion: String
        switch self {
        case .secret(let secret): return [("client_secret", secret)]
        case .assertion(let token): assertion = token
        case .certificate(let pem, let password):
            let now = surroundings.clock.now
            do throws(CertificateError) {
                assertion = try ClientAssertion(
                    audience: audience,
                    clientID: clientID,
                    id: Identifier.timeOrdered(at: now, chance: surroundings.chance),
                    issuedAt: now
                ).signed(by: SigningCertificate(pem: pem, password: password))
            } catch {
                throw .certificate(error)
            }
            surroundings.redactor.learn(assertion)
        }
        return [("client_assertion_type", Self.assertionType), ("client_assertion", assertion)]
    }
}

extension Surroundings {
    fileprivate func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(root)/\(path)" }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
