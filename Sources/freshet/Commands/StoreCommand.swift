import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetSQLite

struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Look after the store.",
        usage: "freshet store <command>",
        shouldDisplay: false,
        subcommands: [StoreCheck.self]
    )
}

struct StoreCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check what must hold of the store whatever has happened; changes nothing.",
        usage: "freshet store check [options]"
    )

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let project = try options.loadProject()
        let violations = try await Wiring.violations(inStore: project.store)
        if options.json {
            let rows = violations.map { violation -> JSONValue in
                [
                    "invariant": .text(violation.invariant), "rows": .list(violation.rows.map { .text($0) }),
                    "sentence": .text(violation.sentence),
                ]
            }
            options.output.document("freshet.store_check/1", ["violations": .list(rows)])
        } else {
            if violations.isEmpty { options.output.line("the store is in order") }
            for violation in violations {
                options.output.line("\(violation.invariant): \(violation.sentence)")
                for row in violation.rows { options.output.line("  \(row)") }
            }
        }
        if !violations.isEmpty { throw ExitStatus.checkFailed }
    }
}
