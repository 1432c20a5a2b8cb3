import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetView

struct SecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets",
        abstract: "Look at the project's secrets, without showing any.",
        subcommands: [SecretsCheck.self]
    )
}

struct SecretsCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read every secret once; say which cannot be read.",
        usage: "freshet secrets check [options]",
        discussion: "Ends with status 1 when one fails or has expired. No value is ever shown."
    )

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        let project = try options.loadProject()
        let surroundings = try Wiring.surroundings(root: project.root)
        let secrets = try Wiring.secrets(project.secretBackends, surroundings)
        var looks: [SecretLook] = []
        for reference in SecretLook.references(of: project, secrets) {
            do throws(SecretError) {
                let value = try await secrets.read(reference)
                looks.append(SecretLook(reference, value, now: surroundings.clock.now))
            } catch {
                looks.append(SecretLook(reference, surroundings.redactor.redact(error.description)))
            }
        }
        tell(looks, now: surroundings.clock.now, output)
        if looks.contains(where: \.isBad) { throw ExitStatus.runFailed }
    }

    private func tell(_ looks: [SecretLook], now: Timestamp, _ output: Output) {
        if options.json {
            let members: [String: JSONValue] = [
                "ok": .boolean(!looks.contains(where: \.isBad)), "secrets": .list(looks.map(\.document)),
            ]
            return output.document("freshet.secrets/1", members)
        }
        guard !looks.isEmpty else { return output.note("the project refers to no secret") }
        let style = output.style
        var table = Table(["REFERENCE", "BACKEND", "STATUS", "CHANGED", "EXPIRES"])
        for look in looks {
            let paint = look.isBad ? style.red : look.status == .expiring ? style.yellow : style.green
            table.add([
                Table.Cell(look.reference.text), Table.Cell(look.reference.backend),
                Table.Cell(look.status.rawValue, paint),
                Table.Cell(look.changedAt.map { "\((now - $0).briefly) ago" } ?? "–"),
                Table.Cell(look.expiresAt.map { $0 > now ? "in \(($0 - now).briefly)" : $0.iso8601 } ?? "–"),
            ])
        }
        for line in table.lines(width: output.width, style: style) { output.line(line) }
        for look in looks { if let problem = look.problem { output.note("\(look.reference.text): \(problem)") } }
    }
}

/// What one secret looks like from outside.
struct SecretLook {
    enum Status: String {
        case ok, expiring, expired, failed
    }

    /// Time enough to ask somebody for a new one.
    private static let notice = Duration.seconds(14 * 86_400)

    let reference: SecretReference
    let status: Status
    let changedAt: Timestamp?
    let expiresAt: Timestamp?
    let problem: String?

    init(_ reference: SecretReference, _ value: SecretValue, now: Timestamp) {
        self.reference = reference
        changedAt = value.changedAt
        expiresAt = value.expiresAt
        status =
            switch value.expiresAt {
            case .some(let end) where end <= now: .expired
            case .some(let end) where end <= now + Self.notice: .expiring
            default: .ok
            }
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
