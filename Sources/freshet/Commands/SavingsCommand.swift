import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetView

struct SavingsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "savings",
        abstract: "Count refreshes and minutes avoided, wasted and late, by model and by team.",
        usage: "freshet savings [<selection>] [--since <time>] [--by <what>] [options]",
        discussion: """
            avoided  something asked for a refresh (a slot, a look, a rebuilt table),
                     and nothing had changed
            wasted   a refresh read exactly what the one before had read: forced, a
                     slot with always, an unknown input
            late     from when a model was known to be stale until its refresh began:
                     pace, blackouts, retries

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

    @Option(
        name: .long,
        help: ArgumentHelp("What the rows are: asset or team; both otherwise, assets with --json.", valueName: "what")
    )
    var by: SavingsReport.By?

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let reading = try await Reading.open(options)
        let project = reading.project
        let start = try Since.moment(since, project, at: reading.now)
        let assets = try project.select(selection).filter(\.isMaterialized)
        let zone = ZoneFiles.rules(project.timeZone)
        let report = try await reading.ask { () throws(StoreError) in
            try await SavingsReport(of: assets, from: start, to: reading.now, in: zone, reading.store)
        }
        await reading.store.close()
        if options.json { return reading.output.document("freshet.savings/1", report.document(by: by ?? .asset)) }
        write(report, in: zone, reading.output)
    }

    private func write(_ report: SavingsReport, in zone: TimeZoneRules, _ output: Output) {
        let assets = report.rows(by: .asset)
        guard !assets.isEmpty else { return output.line("nothing here is an asset that Freshet works on") }
        output.line("Since \(report.start.formatted(in: zone)):")
        output.line(report.sentence)
        for what in by.map({ [$0] }) ?? SavingsReport.By.allCases {
            let rows = report.rows(by: what)
            output.line()
            var table = Table([what.rawValue.uppercased(), "REFRESHES", "TOOK", "AVOIDED", "SAVED", "WASTED", "LATE"])
            for row in rows { table.add(Self.cells(row.name, row.savings)) }
            if what == .asset, rows.count > 1 { table.add(Self.cells("total", report.total)) }
            for line in table.lines(width: output.width, style: output.style) { output.line(line) }
        }
        for row in assets where row.savings.shadowed > 0 {
            let savings = row.savings
            let unproved = savings.unproved > 0 ? ", \(savings.unproved) not proved" : ""
            let found = "would have skipped \(savings.shadowed) of \(savings.refreshed), \(savings.wrong) wrong"
            output.line()
            output.line("\(row.name): \(found)\(unproved)")
        }
    }

    private static func cells(_ name: String, _ savings: Savings) -> [Table.Cell] {
        let wasted = savings.wasted == 0 ? "0" : "\(savings.wasted) (\(savings.wastedTime.briefly))"
        return [
            Table.Cell(name), Table.Cell(String(savings.refreshed)), Table.Cell(savings.refreshedTime.briefly),
            Table.Cell(String(savings.avoided)), Table.Cell(savings.avoidedTime?.briefly ?? "–"), Table.Cell(wasted),
            Table.Cell(savings.late.briefly),
        ]
    }
}

extension SavingsReport.By: ExpressibleByArgument {}
