import FreshetCore
import FreshetCrypto
import FreshetKit
import FreshetView

/// What one secret looks like from outside.
struct SecretLook {
    enum Status: String {
        case ok, expiring, expired, failed

        /// Time enough to ask somebody for a new one.
        private static let notice = Duration.seconds(14 * 86_400)

        /// How a credential stands that ends then; `nil` is no end that is told.
        init(endingAt end: Timestamp?, at now: Timestamp) {
            switch end {
            case .some(let end) where end <= now: self = .expired
            case .some(let end) where end <= now + Self.notice: self = .expiring
            default: self = .ok
            }
        }
    }

    let reference: SecretReference
    let status: Status
    let changedAt: Timestamp?
    let expiresAt: Timestamp?
    let problem: String?

    init(_ reference: SecretReference, _ value: SecretValue, now: Timestamp) {
        self.reference = reference
        changedAt = value.changedAt
        // A backend that keeps a certificate as any other text does not know when it ends.
        expiresAt = value.expiresAt ?? Certificate(pem: Array(value.text.utf8))?.validity.upperBound
        status = Status(endingAt: expiresAt, at: now)
        problem = nil
    }

    init(_ reference: SecretReference, _ problem: String) {
        self.reference = reference
        self.problem = problem
        status = .failed
        changedAt = nil
        expiresAt = nil
    }

    var isBad: Bool { [.expired, .failed].contains(status) }

    var document: JSONValue {
        [
            "reference": .text(reference.text), "backend": .text(reference.backend),
            "status": .text(status.rawValue), "changed_at": Documents.time(changedAt),
            "expires_at": Documents.time(expiresAt), "message": Documents.text(problem),
        ]
    }

    /// Reads every secret of a project once.
    static func all(
        of project: Project,
        _ secrets: ProjectSecrets,
        _ surroundings: Surroundings
    ) async -> [SecretLook] {
        var looks: [SecretLook] = []
        for reference in references(of: project, secrets) {
            do throws(SecretError) {
                let value = try await secrets.read(reference)
                looks.append(SecretLook(reference, value, now: surroundings.clock.now))
            } catch {
                looks.append(SecretLook(reference, surroundings.redactor.redact(error.description)))
            }
        }
        return looks
    }

    /// Every reference that the project states, each once, in the order of the file.
    static func references(of project: Project, _ secrets: ProjectSecrets) -> [SecretReference] {
        var seen: Set<String> = []
        let settings =
            project.secretBackends.map(\.settings) + project.connections.map(\.settings)
            + project.sources.map(\.settings) + (project.server.map { [$0] } ?? [])
        let stated = settings.flatMap { texts(in: $0.value) } + project.hooks.flatMap(\.secrets)
        return stated.flatMap { secrets.references(in: $0) }
            .filter { seen.insert($0.text).inserted }
    }

    private static func texts(in value: ConfigValue) -> [String] {
        switch value.content {
        case .text(let text): [text]
        case .list(let items): items.flatMap(texts)
        case .object(let entries): entries.flatMap { texts(in: $0.value) }
        case .boolean, .integer, .null, .number: []
        }
    }
}
