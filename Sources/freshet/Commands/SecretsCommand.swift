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
        let looks = await SecretLook.all(of: project, secrets, surroundings)
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
