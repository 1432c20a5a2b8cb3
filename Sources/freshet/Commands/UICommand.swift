import ArgumentParser
import FreshetCore
import FreshetKit

struct UICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ui",
        abstract: "Print a link that opens the pages, signed in as the daemon's owner.",
        usage: "freshet ui [options]",
        discussion: """
            The link works once, within five minutes, in one browser. Who may read it may do \
            everything; it is not handed to a program, as everybody on the machine can read the \
            arguments of one.
            """
    )

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let project = try options.loadProject()
        let client = try DaemonClient(store: project.store)
        guard await client.isRunning() else { throw Failure.noDaemon }
        let (status, document) = try await client.ask("POST", "/api/v1/session/links", nil)
        guard (200..<300).contains(status), let members = document?.object else {
            throw Failure.daemonRefused(document?["detail"]?.text ?? "status \(status)")
        }
        guard let url = members["url"]?.text else {
            throw Failure.accessRefused(
                "the daemon listens on its socket only, so there are no pages to open",
                mend: "set 'server.listen' to 127.0.0.1:8640, or start 'freshet up' with --listen 127.0.0.1:8640"
            )
        }
        if options.json { return options.output.document("freshet.link/1", members) }
        options.output.line(url)
        options.output.note("opens once, until \(members["expires_at"]?.text ?? "soon")")
    }
}
