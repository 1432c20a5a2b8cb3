import ArgumentParser
import FreshetCore
import FreshetEngine
import FreshetKit
import FreshetView

struct SavingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "savings",
        abstract: "Count refreshes and minutes avoided, wasted and late, by model and by team.",
        usage: "freshet savings [<selection>] [--since <time>] [options]",
        discussion: """
            avoided  something asked for a refresh (a slot, a look, a rebuilt table) and nothing had changed
            wasted   a refresh read exactly what the one before had read: forced, a slot with always, an unknown input
            late     from when a model was known to be stale until its refresh began: pace, blackouts, retries
            A team is the group of an asset, otherwise its first owner.
            """
    )

    @Argument(help: "Which assets; all otherwise.")
    var selection: String?

    @Option(
        name: .long,
        help: ArgumentHelp("From when on: a length of time such as 7d, or a moment.", valueName: "time")
    )
    var since = "30d"

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let reading = try await Reading.open(options)
        let project = reading.project
        let start = try Since.moment(since, project, at: reading.now)
        let decisions = Dictionary(grouping: try await reading.decisions(since: start), by: \.asset)
        var rows: [(spec: AssetSpec, savings: Savings)] = []
        for spec in try project.select(selection) where spec.isMaterialized {
            let successes = try await reading.ask { () throws(StoreError) in
                try await reading.store.materializations(of: spec.key, limit: 5000)
            }
            rows.append((spec, Savings(of: spec.key, decisions[spec.key] ?? [], successes, since: start)))
        }
        await reading.store.close()
        let teams = Self.teams(rows)
        let total = rows.map(\.savings).reduce(Savings("total"), +)
        if options.json {
            return reading.output.document(
                "freshet.savings/1",
                [
                    "since": .text(start.iso8601),
                    "assets": .list(rows.map { Self.document($0.savings, named: "asset", $0.spec.key.path) }),
                    "teams": .list(teams.map { Self.document($0.savings, named: "team", $0.name) }),
                    "total": Self.document(total, named: "name", "total"),
                ]
            )
        }
        write(rows.map { ($0.spec.key.path, $0.savings) }, teams, total, since: start, reading)
    }

    /// The sums of those who own assets, by name.
    private static func teams(_ rows: [(spec: AssetSpec, savings: Savings)]) -> [(name: String, savings: Savings)] {
        Dictionary(grouping: rows) { $0.spec.labels.group ?? $0.spec.labels.owners.first ?? "(nobody)" }
            .map { name, rows in (name, rows.map(\.savings).reduce(Savings(AssetKey(name)), +)) }
            .sorted { $0.0 < $1.0 }
    }

    private func write(
        _ assets: [(name: String, savings: Savings)],
        _ teams: [(name: String, savings: Savings)],
        _ total: Savings,
        since start: Timestamp,
        _ reading: Reading
    ) {
        let output = reading.output
        guard !assets.isEmpty else { return output.line("nothing here is an asset that Freshet works on") }
        output.line("Since \(start.formatted(in: ZoneFiles.rules(reading.project.timeZone))):")
        for (head, rows) in [("ASSET", assets), ("TEAM", teams)] {
            output.line()
            var table = Table([head, "REFRESHES", "TOOK", "AVOIDED", "SAVED", "WASTED", "LATE"])
            for row in rows { table.add(Self.cells(row.name, row.savings)) }
            if head == "ASSET", rows.count > 1 { table.add(Self.cells("total", total)) }
            for line in table.lines(width: output.width, style: output.style) { output.line(line) }
        }
        for (name, savings) in assets where savings.shadowed > 0 {
            let unproved = savings.unproved > 0 ? ", \(savings.unproved) not proved" : ""
            output.line()
            output.line(
                "\(name): would have skipped \(savings.shadowed) of \(savings.refreshes), \(savings.wrong) wrong\(unproved)"
            )
        }
    }

    private static func cells(_ name: String, _ savings: Savings) -> [Table.Cell] {
        let wasted = savings.wasted == 0 ? "0" : "\(savings.wasted) (\(savings.wastedTime.briefly))"
        return [
            Table.Cell(name), Table.Cell(String(savings.refreshes)), Table.Cell(savings.spent.briefly),
            Table.Cell(String(savings.avoided)), Table.Cell(savings.avoidedTime?.briefly ?? "–"), Table.Cell(wasted),
            Table.Cell(savings.late.briefly),
        ]
    }

    private static func document(_ savings: Savings, named word: String, _ name: String) -> JSONValue {
        [
            word: .text(name), "refreshes": .integer(Int64(savings.refreshes)),
            "refresh_minutes": .number(savings.spent.inSeconds / 60), "avoided": .integer(Int64(savings.avoided)),
            "avoided_minutes": savings.avoidedTime.map { .number($0.inSeconds / 60) } ?? .null,
            "wasted": .integer(Int64(savings.wasted)), "wasted_minutes": .number(savings.wastedTime.inSeconds / 60),
            "late_minutes": .number(savings.late.inSeconds / 60),
            "shadow": [
                "would_have_skipped": .integer(Int64(savings.shadowed)), "wrong": .integer(Int64(savings.wrong)),
                "unproved": .integer(Int64(savings.unproved)),
            ],
        ]
    }
}
