import ArgumentParser
import FreshetCore
import FreshetDefinitions
import FreshetEngine
import FreshetKit
import FreshetView

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Replay what was observed through a changed configuration, and show what would differ.",
        usage: "freshet simulate --since <time> [--config <folder>] [options]",
        discussion: """
            Both configurations decide on the same recorded observations, and each refresh succeeds in its usual time.
            Without --config, it shows what the present configuration would have done.

              freshet simulate --since 7d --config ../retail-changed
            """
    )

    @Option(
        name: .long,
        help: ArgumentHelp("From when on: a length of time such as 7d, or a moment.", valueName: "time")
    )
    var since = "7d"

    @Option(name: .long, help: ArgumentHelp("The folder of the changed project.", valueName: "folder"))
    var config: String?

    @Option(name: .shortAndLong, help: "How many differences to show.")
    var limit = 20

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit has to be 1 or more") }
    }

    func run() async throws {
        let reading = try await Reading.open(options)
        let project = reading.project
        let start = try Since.moment(since, project, at: reading.now)
        let changed = try config.map { try options.loadProject(at: $0, sourcesOf: project) } ?? project
        let log = try await reading.allObservations()
        let known = try await Self.knowledge(at: start, log, [project, changed], reading)
        await reading.store.close()
        let replay = { (project: Project) in
            Simulation.replay(
                log,
                through: project,
                knowing: known.snapshot,
                from: start,
                to: reading.now,
                took: known.took
            )
        }
        let (before, after) = (Counted(replay(project)), Counted(replay(changed)))
        if options.json {
            return reading.output.document(
                "freshet.simulate/1",
                [
                    "since": .text(start.iso8601), "observations": .integer(Int64(log.count { $0.at > start })),
                    "before": .list(before.outcomes.map(Self.document)),
                    "after": .list(after.outcomes.map(Self.document)),
                    "differs": .boolean(before.outcomes != after.outcomes),
                ]
            )
        }
        write(before, after, known.took, log.count { $0.at > start }, reading)
    }

    /// What one configuration made of the time.
    private struct Counted {
        var outcomes: [Simulation.Outcome]
        var refreshes: [AssetKey: Int] = [:]
        var skips: [AssetKey: Int] = [:]

        init(_ outcomes: [Simulation.Outcome]) {
            self.outcomes = outcomes
            for outcome in outcomes {
                switch outcome.decision {
                case .run: refreshes[outcome.asset, default: 0] += 1
                case .skip, .wait: skips[outcome.asset, default: 0] += 1
                }
            }
        }
    }

    /// The world as it was known at a moment, and how long refreshes take.
    private static func knowledge(
        at start: Timestamp,
        _ log: [LoggedObservation],
        _ projects: [Project],
        _ reading: Reading
    ) async throws -> (snapshot: StoreSnapshot, took: [AssetKey: Duration]) {
        var snapshot = StoreSnapshot()
        var took: [AssetKey: Duration] = [:]
        for entry in log where entry.at <= start {
            snapshot.observations[entry.asset] = ObservationRecord(
                observation: entry.observation,
                changedAt: entry.at,
                verifiedAt: entry.at
            )
        }
        for key in Set(projects.flatMap { $0.graph.ordered.filter(\.isMaterialized).map(\.key) }) {
            let successes = try await reading.ask { () throws(StoreError) in
                try await reading.store.materializations(of: key, limit: 5000)
            }
            snapshot.materializations[key] = successes.first { $0.at <= start }
            let times = successes.prefix(50).map { $0.at - $0.startedAt }
            if !times.isEmpty { took[key] = times.reduce(.zero, +) / times.count }
        }
        return (snapshot, took)
    }

    private func write(
        _ before: Counted,
        _ after: Counted,
        _ took: [AssetKey: Duration],
        _ observations: Int,
        _ reading: Reading
    ) {
        let output = reading.output
        output.line("Replayed \(observations) observations since \(since); every refresh succeeds in its usual time.")
        let assets = Set(before.outcomes.map(\.asset)).union(after.outcomes.map(\.asset)).sorted()
        guard !assets.isEmpty else { return output.line("Nothing would have been decided.") }
        var table = Table(["ASSET", "REFRESHES", "CHANGED", "SKIPS", "CHANGED", "MINUTES"])
        for asset in assets {
            let (old, new) = (before.refreshes[asset] ?? 0, after.refreshes[asset] ?? 0)
            let minutes = took[asset].map { ($0 * abs(new - old)).briefly }
            let sign = new < old ? "-" : "+"
            table.add([
                Table.Cell(asset.path), Table.Cell(String(old)), Table.Cell(String(new)),
                Table.Cell(String(before.skips[asset] ?? 0)), Table.Cell(String(after.skips[asset] ?? 0)),
                Table.Cell(old == new ? "as before" : minutes.map { sign + $0 } ?? "–"),
            ])
        }
        output.line()
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
        let differing =
            Set(before.outcomes).symmetricDifference(after.outcomes).sorted { ($0.at, $0.asset) < ($1.at, $1.asset) }
        output.line()
        guard !differing.isEmpty else { return output.line("No decision differs.") }
        output.line("\(differing.count) decisions differ\(differing.count > limit ? "; the first \(limit)" : ""):")
        let isOld = Set(before.outcomes)
        for outcome in differing.prefix(limit) {
            let mark = isOld.contains(outcome) ? output.style.red("- now    ") : output.style.green("+ changed")
            let text = "\(outcome.at.iso8601)  \(outcome.asset) \(outcome.decision.sentence())"
            output.line("\(mark)  \(text)")
        }
    }

    private static func document(_ outcome: Simulation.Outcome) -> JSONValue {
        var members = Documents.decision(outcome.decision, evidence: [])
        members["evidence"] = nil
        members["at"] = .text(outcome.at.iso8601)
        members["asset"] = .text(outcome.asset.path)
        return .object(members)
    }
}

extension ProjectOptions {
    /// Another folder's project, with what the sources of this one yielded last.
    ///
    /// - Throws: ``Failure/definitions(_:root:)`` with every mistake.
    fileprivate func loadProject(at folder: String, sourcesOf project: Project) throws -> Project {
        let known = SourceCache(root: project.root).read(project.sources)
        let loader = ProjectLoader(
            catalog: try Wiring.catalog(of: absolute(folder)),
            resolvedSources: known,
            environmentVariables: Wiring.environment
        )
        do throws(LoadError) {
            return try loader.load(folder: folder, environment: env).project
        } catch {
            switch error {
            case .noProject(let folder): throw Failure.noProject(from: folder)
            case .invalid(let diagnostics): throw Failure.definitions(diagnostics, root: folder)
            }
        }
    }
}
