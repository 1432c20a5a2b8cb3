import ArgumentParser
import FoundationEssentials
import FreshetCore
import FreshetEngine
import FreshetKit
import FreshetView

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would run, what would be skipped, and why; changes nothing.",
        usage: "freshet plan [<selection>] [options]",
        discussion: """
            Looks at every input now and writes nothing. With --stored it looks at nothing and uses what was seen last.
              freshet plan                       everything
              freshet plan 'key:"powerbi/*"'     some of it
            """
    )

    @Argument(help: "A selection; see docs/selection.md.")
    var selection: String?

    @Flag(name: .long, help: "Use what was seen last, and look at nothing.")
    var stored = false

    @Flag(name: .long, help: "Show the evidence of skipped assets too.")
    var verbose = false

    @Flag(name: .long, help: "End with status 3 when something would run.")
    var detailedExitcode = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let output = options.output
        let project = try options.loadProject()
        let chosen = Set(project.graph.withSteps(try project.select(selection).map(\.key)))
        let snapshot = try await Self.snapshot(of: project)
        var observed = snapshot.observations.mapValues(\.observation)
        if !stored {
            let surroundings = try Wiring.surroundings(root: project.root, secrets: project.secretBackends)
            let connections = try Wiring.connections(project.connections, surroundings)
            if output.isErrorTerminal { output.note("looking at the inputs …") }
            let live = await LiveLook(project: project, connections: connections, surroundings: surroundings)
                .look(atInputsOf: chosen, cursors: snapshot.cursors, observed: observed)
            for failure in live.failures { output.note("warning: \(failure)") }
            observed = live.observed
        }
        let plan = Plan(
            project.planInput(snapshot, observed: observed, at: Wiring.clock.now)
        )
        let steps = plan.steps.filter { chosen.contains($0.asset) }
        if options.json {
            output.document(
                "freshet.plan/1",
                ["project": .text(project.name), "steps": .list(steps.map(Documents.step))]
            )
        } else {
            PlanText(output: output, now: Wiring.clock.now, showsAllEvidence: verbose).write(steps, project)
        }
        if detailedExitcode, steps.contains(where: \.mayRun) { throw ExitStatus.changesPending }
    }

    /// What the store holds; nothing when there is none yet.
    private static func snapshot(of project: Project) async throws -> StoreSnapshot {
        guard FileManager.default.fileExists(atPath: project.store) else { return StoreSnapshot() }
        let store = try await Wiring.openReader(project.store)
        do throws(StoreError) {
            return try await store.snapshot()
        } catch {
            throw Failure.store(error, path: project.store)
        }
    }
}
