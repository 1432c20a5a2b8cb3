import ArgumentParser
import FreshetCore
import FreshetEngine
import FreshetKit
import FreshetPowerBI
import FreshetView

struct ShadowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shadow",
        abstract: "Compare the refreshes that others made with what Freshet would have done.",
        usage: "freshet shadow [<selection>] [--since <time>] [options]",
        discussion: """
            For mode: observe, which posts nothing: reads each model's history from Power BI, and judges each refresh by
            what was observed before it. Power BI remembers at most 60 refreshes of a model.
            """
    )

    @Argument(help: "Which models; all otherwise.")
    var selection: String?

    @Option(
        name: .long,
        help: ArgumentHelp("From when on: a length of time such as 7d, or a moment.", valueName: "time")
    )
    var since = "7d"

    @Flag(name: .long, help: "List each refresh with the verdict on it.")
    var verbose = false

    @OptionGroup var options: ProjectOptions

    /// What came of one model.
    private struct Row {
        var asset: AssetKey
        var judged: [(refresh: Hindsight.Refresh, verdict: Hindsight.Verdict)]
        var waiting: [(asset: AssetKey, at: Timestamp)]
        /// Why the service did not answer; the rest is empty then.
        var problem: String?

        var skipped: Int { judged.count { $0.verdict == .skipped } }
        var unknown: Int { judged.count { if case .unknown = $0.verdict { true } else { false } } }
        var earlier: Duration {
            judged.reduce(.zero) { sum, item in
                guard case .refreshed(_, let seenAt) = item.verdict else { return sum }
                return sum + (item.refresh.startedAt - seenAt)
            }
        }
        var spared: Duration {
            judged.reduce(.zero) { sum, item in
                guard item.verdict == .skipped, let end = item.refresh.endedAt else { return sum }
                return sum + (end - item.refresh.startedAt)
            }
        }
    }

    func run() async throws {
        let reading = try await Reading.open(options)
        let project = reading.project
        let start = try Since.moment(since, project, at: reading.now)
        let log = try await reading.allObservations()
        await reading.store.close()
        let surroundings = try Wiring.surroundings(root: project.root, secrets: project.secretBackends)
        let connections = try Wiring.connections(project.connections, surroundings)
        var rows: [Row] = []
        let wanted = Set(try project.select(selection).map(\.key))
        for asset in project.assets where wanted.contains(asset.spec.key) {
            guard case .materialized(let kind) = asset.work, let kind = kind as? SemanticModelRefresh else { continue }
            rows.append(await judge(asset.spec.key, kind, since: start, log, project, connections, surroundings))
        }
        if options.json {
            let members: [String: JSONValue] = [
                "since": .text(start.iso8601), "mode": .text(project.mode.rawValue),
                "models": .list(rows.map(Self.document)),
            ]
            return reading.output.document("freshet.shadow/1", members)
        }
        write(rows, reading)
    }

    private func judge(
        _ asset: AssetKey,
        _ kind: SemanticModelRefresh,
        since start: Timestamp,
        _ log: [LoggedObservation],
        _ project: Project,
        _ connections: Connections,
        _ surroundings: Surroundings
    ) async -> Row {
        var row = Row(asset: asset, judged: [], waiting: [])
        do {
            let connection: PowerBIConnection = try connections.get(kind.connection)
            let service = ServiceReading(connection)
            let workspace = try await surroundings.secrets.resolve(kind.workspace)
            let model = try await surroundings.secrets.resolve(kind.model)
            let target = try await service.target(workspace: workspace, model: model)
            let refreshes = try await service.history(of: target).compactMap { entry -> Hindsight.Refresh? in
                guard let began = entry.startedAt, (entry.extendedStatus ?? entry.status) == "Completed" else {
                    return nil
                }
                return Hindsight.Refresh(startedAt: began, endedAt: entry.endedAt)
            }
            let observed = project.graph.ancestry(of: [asset]).filter(\.isObserved).map(\.key)
            let inputs = Set(project.graph.inputs(of: asset).map(\.key)).intersection(observed)
            row.judged = Hindsight.judge(refreshes, reading: inputs, log).filter { $0.refresh.startedAt >= start }
            let last = refreshes.max { $0.startedAt < $1.startedAt }
            row.waiting = last.map { Hindsight.waiting(since: $0, reading: inputs, log) } ?? []
        } catch {
            row.problem = surroundings.redactor.redact(String(describing: error))
        }
        return row
    }

    private func write(_ rows: [Row], _ reading: Reading) {
        let output = reading.output
        guard !rows.isEmpty else { return output.line("no semantic model of Power BI is chosen") }
        var table = Table([
            "MODEL", "REFRESHES", "WOULD SKIP", "SPARED", "CANNOT TELL", "WOULD COME EARLIER BY", "WAITING",
        ])
        for row in rows {
            table.add([
                Table.Cell(row.asset.path),
                Table.Cell(row.problem == nil ? String(row.judged.count) : "not known"),
                Table.Cell(String(row.skipped)), Table.Cell(row.spared.briefly), Table.Cell(String(row.unknown)),
                Table.Cell(row.earlier.briefly), Table.Cell(row.waiting.isEmpty ? "–" : "\(row.waiting.count) inputs"),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
        for row in rows {
            if let problem = row.problem { output.note("warning: \(row.asset): \(problem)") }
            for (input, moment) in row.waiting {
                output.line("\(row.asset): \(input) changed \(reading.ago(moment)), and nobody has refreshed since")
            }
            guard verbose else { continue }
            output.line()
            output.line(output.style.bold(row.asset.path))
            for (refresh, verdict) in row.judged {
                output.line("  \(refresh.startedAt.iso8601)  \(Self.text(verdict))")
            }
        }
    }

    private static func text(_ verdict: Hindsight.Verdict) -> String {
        switch verdict {
        case .refreshed(let inputs, let seenAt):
            "Freshet would have refreshed at \(seenAt.iso8601): \(inputs.map(\.path).joined(separator: ", ")) changed"
        case .skipped: "Freshet would have skipped it: nothing had changed since the refresh before"
        case .unknown(let inputs): "cannot tell: \(inputs.map(\.path).joined(separator: ", ")) had not been seen"
        }
    }

    private static func document(_ row: Row) -> JSONValue {
        [
            "asset": .text(row.asset.path), "refreshes": .integer(Int64(row.judged.count)),
            "would_have_skipped": .integer(Int64(row.skipped)), "spared_minutes": .number(row.spared.inSeconds / 60),
            "unknown": .integer(Int64(row.unknown)), "earlier_minutes": .number(row.earlier.inSeconds / 60),
            "problem": Documents.text(row.problem),
            "waiting": .list(row.waiting.map { ["input": .text($0.asset.path), "changed_at": Documents.time($0.at)] }),
            "verdicts": .list(row.judged.map { document($0.refresh, $0.verdict) }),
        ]
    }

    private static func document(_ refresh: Hindsight.Refresh, _ verdict: Hindsight.Verdict) -> JSONValue {
        var members: [String: JSONValue] = [
            "started_at": Documents.time(refresh.startedAt), "ended_at": Documents.time(refresh.endedAt),
            "text": .text(text(verdict)),
        ]
        switch verdict {
        case .refreshed(let inputs, let seenAt):
            members["verdict"] = "refreshed"
            members["inputs"] = Documents.keys(inputs)
            members["seen_at"] = Documents.time(seenAt)
        case .skipped: members["verdict"] = "skipped"
        case .unknown(let inputs):
            members["verdict"] = "unknown"
            members["inputs"] = Documents.keys(inputs)
        }
        return .object(members)
    }
}
