import ArgumentParser
import FreshetCore
import FreshetKit

struct TokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "Make and end what machines sign in to the API with.",
        usage: "freshet tokens <command>",
        subcommands: [TokensCreate.self, TokensList.self, TokensRevoke.self]
    )
}

struct TokensCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token; it is shown now and never again.",
        usage: "freshet tokens create <name> [--role <role>] [--events] [options]",
        discussion: """
            The token alone goes to standard output, so that it can be piped into a secret
            store:
              freshet tokens create ci --role operator | vault kv put ci token=-
            With --badge it is the address of each asset's badge instead, for an <img> in a
            wiki or a report:
              freshet tokens create wiki --badge powerbi/retail/sales --expires 366d
            """
    )

    @Argument(help: "Such as ci.")
    var name: String

    @Option(name: .long, help: "viewer, operator or admin; without it the token only posts events.")
    var role: RoleArgument?

    @Flag(name: .long, help: "It may post events.")
    var events = false

    @Option(
        name: .long,
        help: ArgumentHelp("Only events of this source; may be given several times.", valueName: "name")
    )
    var source: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Only effects on these assets; see docs/selection.md.", valueName: "selection")
    )
    var assets: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Links that show these assets' freshness badges anywhere, and open nothing else.",
            valueName: "selection"
        )
    )
    var badge: String?

    @Option(name: .long, help: ArgumentHelp("Whose it is: it may no more than they.", valueName: "name"))
    var user: String?

    @Option(name: .long, help: ArgumentHelp("How long it is good for, up to 366d.", valueName: "duration"))
    var expires = "90d"

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        guard Duration(parsing: expires) != nil else {
            throw ValidationError("--expires '\(expires)' is not a duration; write 30d or 12h")
        }
        if badge != nil, role != nil || events || !source.isEmpty || assets != nil {
            throw ValidationError("--badge stands alone: its links show badges, and may do nothing")
        }
    }

    func run() async throws {
        var body: [String: JSONValue] = ["name": .text(name)]
        body["role"] = role.map { .text($0.rawValue) }
        if events || !source.isEmpty { body["sources"] = .list(source.map { .text($0) }) }
        body["assets"] = (badge ?? assets).map { .text($0) }
        if badge != nil { body["badge"] = true }
        body["user"] = user.map { .text($0) }
        body["expires_in_seconds"] = Duration(parsing: expires).map { .integer($0.inMilliseconds / 1000) }
        let answer = try await AccessOffice(options).ask("POST", "/tokens", .object(body))
        let output = options.output
        if options.json { return output.document("freshet.token/1", answer) }
        let lines = answer["links"]?.list?.compactMap(\.text) ?? [answer["token"]?.text ?? ""]
        for line in lines { output.line(line) }
        let end = answer["expires_at"]?.text ?? ""
        output.note("\(name): \(answer["scope"]?.text ?? ""), until \(end); this is shown once")
    }
}

struct TokensList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List tokens, what they may, and when they were used.",
        usage: "freshet tokens list [--all] [options]"
    )

    @Flag(name: .long, help: "Those that were revoked too.")
    var all = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let answer = try await AccessOffice(options).ask("GET", "/tokens")
        let output = options.output
        if options.json { return output.document("freshet.tokens/1", answer) }
        let tokens = (answer["tokens"]?.list ?? []).filter { all || $0["status"]?.text != "revoked" }
        guard !tokens.isEmpty else { return output.note("there is no token; 'freshet tokens create' makes one") }
        let now = Wiring.clock.now
        var table = Table(["NAME", "STATUS", "ENDS", "LAST USED", "SCOPE"])
        for token in tokens {
            let status = token["status"]?.text ?? ""
            let end = token["expires_at"]?.text.flatMap { Timestamp(iso8601: $0) }
            table.add([
                Table.Cell(token["name"]?.text ?? ""),
                Table.Cell(status, status == "live" ? output.style.green : output.style.yellow),
                Table.Cell(end.map { $0 > now ? "in \(($0 - now).briefly)" : "\((now - $0).briefly) ago" } ?? "–"),
                Table.Cell(AccessText.ago(token["last_used_at"], now)), Table.Cell(token["scope"]?.text ?? ""),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }
}

struct TokensRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a token at once.",
        usage: "freshet tokens revoke <name> [options]"
    )

    @Argument(help: "Its name or id.")
    var name: String

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        guard AccessText.isName(name) else { throw Failure.accessRefused("there is no token '\(name)'", mend: nil) }
        _ = try await AccessOffice(options).ask("POST", "/tokens/\(name)/revoke")
        if options.json { return options.output.document("freshet.token/1", ["name": .text(name)]) }
        options.output.line("\(name) is revoked")
    }
}
