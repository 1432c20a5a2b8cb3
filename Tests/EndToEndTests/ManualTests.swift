import Foundation
import Testing

@Suite(.enabled(if: Place.hasPython, "the program is not built, or there is no python3"))
struct `The manual` {
    @Test func `has a page for each command, made of what the command declares`() async throws {
        let pages = try await Self.pages()
        for command in pages.commands {
            let page = try #require(pages.texts["freshet-\(command)"], "freshet-\(command) has no page")
            #expect(page.contains(".SH SYNOPSIS\n.B freshet \(command)\n"))
            #expect(pages.texts["freshet"]?.contains(".BR freshet\\-\(command) (1)\n") == true)
        }
        #expect(pages.texts.count == pages.commands.count + 1)
        #expect(pages.texts["freshet-up"]?.contains("\n\\fB\\-\\-listen\\fR \\fIaddress\\fR\n") == true)
        #expect(pages.texts["freshet-runs"]?.contains("\n.SS freshet runs retry\n") == true)
        #expect(pages.texts["freshet"]?.contains("\n\\fB75\\fR\nanother daemon holds the store\n") == true)
    }

    @Test func `says nothing that troff would take for a request`() async throws {
        let known: Set<String> = [
            "\\\"", "B", "BR", "PP", "RE", "RS", "SH", "SS", "TH", "TP", "fi", "nf",
        ]
        for (name, page) in try await Self.pages().texts {
            for line in page.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
                let request = line.dropFirst().prefix { $0 != " " }
                #expect(line.hasPrefix(".") && known.contains(String(request)), "\(name): \(line)")
            }
        }
    }

    private static func pages() async throws -> (commands: [String], texts: [String: String]) {
        let folder = try TemporaryFolder()
        let dump = try await Running([Place.binary, "--experimental-dump-help"], in: "/").ended().expect()
        let script = Place.root + "/packaging/manual.py"
        try await Running(
            [Place.python ?? "python3", script, "1.2.3", "0", Place.root + "/docs/cli.md", folder.path],
            in: "/",
            input: dump.output
        ).ended().expect()
        var texts: [String: String] = [:]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            texts[String(file.dropLast(2))] = try String(contentsOfFile: "\(folder.path)/\(file)", encoding: .utf8)
        }
        let commands = try dump.json["command"]["subcommands"].list.compactMap { command in
            command["shouldDisplay"].integer == 1 ? command["commandName"].text : nil
        }
        return (commands.filter { $0 != "help" }, texts)
    }
}
