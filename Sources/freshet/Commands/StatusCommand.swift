import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetView

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what is fresh, what is late, and why.",
        usage: "freshet status [<selection>] [options]"
    )

    @Argument(help: "A selection; see docs/selection.md.")
    var selection: String?

    @Flag(name: .long, help: "End with status 5 when something is late.")
    var failIfLate = false

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let reading = try await Reading.open(options)
        let chosen = Set(try reading.project.select(selection).map(\.key))
        let snapshot = try await reading.snapshot()
        let all = ProjectStatus(reading.project, snapshot, at: reading.now, zone: ZoneFiles.rules)
        let assets = all.assets.filter { chosen.contains($0.asset.key) }
        let isUp = await (try DaemonClient(store: reading.project.store)).isRunning()
        if options.json {
            reading.output.document(
                "freshet.status/1",
                [
                    "project": .text(reading.project.name), "at": Documents.time(all.at),
                    "paused": .boolean(all.isPaused), "daemon": .boolean(isUp),
                    "assets": .list(assets.map(Documents.status)),
                    "running": .list(all.running.map { .object(Documents.run($0)) }),
                ]
            )
        } else {
            write(assets, all, reading, isUp: isUp)
        }
        await reading.store.close()
        if failIfLate, assets.contains(where: \.isLate) { throw ExitStatus.late }
    }

    private func write(_ assets: [AssetStatus], _ all: ProjectStatus, _ reading: Reading, isUp: Bool) {
        let output = reading.output
        let late = assets.count(where: \.isLate)
        let failed = assets.count { $0.state == .failed || $0.state == .held }
        output.line(
            "\(reading.project.name): \(Self.count(assets.count, "asset")), \(late) late, \(failed) failed or held, "
                + "\(Self.count(all.running.count, "run")) in progress"
                + (all.isPaused ? ", everything paused" : "")
        )
        if !isUp { output.line("No daemon is up: nothing is watched. Start one with 'freshet up'.") }
        guard !assets.isEmpty else { return }
        output.line()
        var table = Table(["ASSET", "STATE", "FRESH", "DATA AS OF", "WHY"])
        // What is late comes first, then what is not well.
        for status in assets.sorted(by: { Self.order($0) < Self.order($1) }) {
            let paint: @Sendable (String) -> String = status.isLate ? output.style.red : output.style.plain
            table.add([
                Table.Cell(status.asset.key.path),
                Table.Cell(status.state.rawValue, Self.paint(status, output.style)),
                Table.Cell(Self.freshness(status.freshness), paint),
                Table.Cell(reading.ago(status.dataTime)),
                Table.Cell(Self.why(status, at: reading.now)),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }

    private static func count(_ number: Int, _ word: String) -> String {
        "\(number) \(word)" + (number == 1 ? "" : "s")
    }

    private static func why(_ status: AssetStatus, at now: Timestamp) -> String {
        guard let next = status.nextRun, status.state == .stale || status.state == .failed else {
            return status.reason
        }
        let wait = next.dueAt > now ? "in \((next.dueAt - now).briefly)" : "now"
        return "\(status.reason); next run \(wait)" + (next.delay.map { " (\($0))" } ?? "")
    }

    private static func freshness(_ state: FreshnessState?) -> String {
        switch state {
        case nil: "–"
        case .fresh: "fresh"
        case .late: "late"
        case .unknown: "unknown"
        }
    }

    private static func order(_ status: AssetStatus) -> Int {
        if status.isLate { return 0 }
        switch status.state {
        case .failed: return 1
        case .held: return 2
        case .stale, .unknown: return 3
        case .refreshing, .parked: return 4
        case .paused: return 5
        case .upToDate: return 6
        }
    }

    private static func paint(_ status: AssetStatus, _ style: Style) -> @Sendable (String) -> String {
        switch status.state {
        case .failed, .held: style.red
        case .stale, .unknown, .parked, .paused: style.yellow
        case .refreshing: style.blue
        case .upToDate: style.green
        }
    }
}
