import ArgumentParser
import FreshetCore
import FreshetKit

struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users",
        abstract: "Say who may sign in to the pages and the API.",
        usage: "freshet users <command>",
        discussion: """
            A name has 1 to 64 lower-case letters a–z, digits and . _ - + @. A viewer reads, an operator starts, stops
            and pauses, an admin decides who may.
            """,
        subcommands: [
            UsersAdd.self, UsersDisable.self, UsersEnable.self, UsersList.self, UsersPassword.self, UsersRole.self,
        ]
    )
}

/// The least that is asked for, as the command line takes it.
enum RoleArgument: String, ExpressibleByArgument, CaseIterable {
    case admin
    case `operator`
    case viewer
}

struct UsersAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add somebody who signs in with a password.",
        usage: "freshet users add <name> --role <role> [options]",
        discussion: "The password is asked for, or read from standard input where that is no terminal."
    )

    @Argument(help: "Such as ana, or ana@example.com.")
    var name: String

    @Option(name: .long, help: "viewer, operator or admin.")
    var role: RoleArgument

    @Option(name: .long, help: ArgumentHelp("As people read it; otherwise the name.", valueName: "name"))
    var title: String?

    @Flag(name: .long, help: "Give no password now; 'freshet users password' does later.")
    var noPassword = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        // Before anybody types a password twice for nothing.
        if let complaint = AccessText.complaint(aboutName: name) { throw Failure.accessRefused(complaint, mend: nil) }
        let password = noPassword ? nil : try PasswordEntry.read(for: name, output)
        var body: [String: JSONValue] = ["name": .text(name), "role": .text(role.rawValue)]
        body["title"] = title.map { .text($0) }
        body["password"] = password.map { .text($0) }
        let answer = try await AccessOffice(options).ask("POST", "/users", .object(body))
        if options.json { return output.document("freshet.user/1", answer) }
        output.line("\(name) may sign in as \(role.rawValue)")
    }
}

struct UsersList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List who may sign in.",
        usage: "freshet users list [options]"
    )

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let answer = try await AccessOffice(options).ask("GET", "/users")
        let output = options.output
        if options.json { return output.document("freshet.users/1", answer) }
        let users = answer["users"]?.list ?? []
        guard !users.isEmpty else {
            return output.note("nobody yet; 'freshet users add <name> --role admin' adds the first")
        }
        let now = Wiring.clock.now
        var table = Table(["NAME", "ROLE", "SIGNS IN", "LAST", "TITLE"])
        for user in users {
            let isDisabled = user["disabled_at"]?.text != nil
            let way =
                isDisabled
                ? Table.Cell("disabled", output.style.yellow) : Table.Cell(user["signs_in"]?.text ?? "–")
            table.add([
                Table.Cell(user["name"]?.text ?? ""), Table.Cell(user["role"]?.text ?? ""), way,
                Table.Cell(AccessText.ago(user["last_sign_in_at"], now)), Table.Cell(user["title"]?.text ?? ""),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }
}

struct UsersRole: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role",
        abstract: "Give somebody another role; what they have open ends.",
        usage: "freshet users role <name> <role> [options]"
    )

    @Argument(help: "Whose.")
    var name: String

    @Argument(help: "viewer, operator or admin.")
    var role: RoleArgument

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        try await UserEffect(name: name, path: "role", options: options)
            .perform("\(name) is \(role.rawValue) now") { ["role": .text(role.rawValue)] }
    }
}

struct UsersDisable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Keep somebody out; what they have open ends, and their tokens stop.",
        usage: "freshet users disable <name> [options]"
    )

    @Argument(help: "Whom.")
    var name: String

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        try await UserEffect(name: name, path: "disable", options: options).perform("\(name) is kept out")
    }
}

struct UsersEnable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Undo 'disable'.",
        usage: "freshet users enable <name> [options]"
    )

    @Argument(help: "Whom.")
    var name: String

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        try await UserEffect(name: name, path: "enable", options: options).perform("\(name) may sign in again")
    }
}

struct UsersPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Set somebody's password; what they have open ends.",
        usage: "freshet users password <name> [options]",
        discussion: "It is asked for, or read from standard input where that is no terminal."
    )

    @Argument(help: "Whose.")
    var name: String

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        try await UserEffect(name: name, path: "password", options: options)
            .perform("the password of \(name) is set") {
                ["password": .text(try PasswordEntry.read(for: name, output))]
            }
    }
}

/// An effect on one user.
private struct UserEffect {
    var name: String
    var path: String
    var options: ProjectOptions

    /// - Parameters:
    ///   - done: what is said when it is done.
    ///   - body: is asked for what to send only once the name may be one.
    /// - Throws: ``Failure``, and what `body` throws.
    func perform(_ done: String, body: () throws -> JSONValue? = { nil }) async throws {
        // What cannot be a name cannot stand in an address either.
        guard AccessText.isName(name) else { throw Failure.accessRefused("there is no user '\(name)'", mend: nil) }
        _ = try await AccessOffice(options).ask("POST", "/users/\(name)/\(path)", try body())
        if options.json { return options.output.document("freshet.user/1", ["name": .text(name)]) }
        options.output.line(done)
    }
}
