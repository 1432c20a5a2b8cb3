import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetView

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say why an asset last ran, or did not, with the evidence.",
        usage: "freshet why <asset> [--at <time>] [options]",
        discussion: """
              freshet why powerbi/retail/sales
              freshet why powerbi/retail/sales --at 2026-05-04T07:30
            """
    )

    @Argument(help: "The asset's key.")
    var asset: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What was decided up to then; the project's time zone unless it names one.",
            valueName: "time"
        )
    )
    var at: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("How many decisions, the newest first.", valueName: "count"))
    var limit = 1

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit has to be 1 or more") }
    }

    func run() async throws {
        let reading = try await Reading.open(options)
        let spec = try reading.project.asset(asset)
        let moment = try at.map { try Self.moment($0, reading.project) }
        let query = DecisionQuery(asset: spec.key, at: moment, limit: limit)
        let decisions = try await reading.ask { () throws(StoreError) in
            try await OldValues.filled(into: reading.store.decisions(query), from: reading.store)
        }
        let lastRun = try await Self.lastRun(of: spec.key, at: moment, reading)
        let snapshot = try await reading.snapshot()
        await reading.store.close()
        if options.json {
            return reading.output.document(
                "freshet.why/1",
                [
                    "asset": .text(spec.key.path), "decisions": .list(decisions.map(Documents.record)),
                    "last_run": lastRun.map(Documents.record) ?? .null,
                ]
            )
        }
        if spec.isMaterialized {
            write(decisions, spec, snapshot, reading, isPast: moment != nil)
            if let lastRun, !decisions.contains(where: { $0.run == lastRun.run }) { write(lastRun: lastRun, reading) }
        } else {
            writeObserved(spec, snapshot, reading)
        }
    }

    private func write(
        _ decisions: [DecisionRecord],
        _ spec: AssetSpec,
        _ snapshot: StoreSnapshot,
        _ reading: Reading,
        isPast: Bool
    ) {
        let output = reading.output
        guard !decisions.isEmpty else {
            return output.line("\(spec.key): nothing has been decided about it\(isPast ? " by then" : " yet")")
        }
        for (index, record) in decisions.enumerated() {
            if index > 0 { output.line() }
            let sentence = record.decision.sentence(record.evidence)
            let head = "\(spec.key) \(sentence)"
            for line in Table.wrap(head, to: output.width ?? 400) { output.line(output.style.bold(line)) }
            output.line("  decided \(record.at.iso8601) (\(reading.ago(record.at)))")
            if let run = record.run { output.line("  run \(run)") }
            output.line()
            let evidence = EvidenceText(now: reading.now, style: output.style)
            let table = evidence.table(record.evidence, indent: 2).lines(width: nil, style: output.style)
            let isNarrow = output.width.map { width in table.contains { Table.columns($0) > width } } ?? false
            for line in isNarrow ? evidence.lines(record.evidence, indent: 2, width: output.width) : table {
                output.line(line)
            }
            for line in evidence.details(record.evidence, indent: 2, width: output.width) { output.line(line) }
        }
        guard !isPast else { return }
        let status = ProjectStatus(reading.project, snapshot, at: reading.now, zone: ZoneFiles.rules)
        guard let present = status.assets.first(where: { $0.asset.key == spec.key }) else { return }
        output.line()
        for line in Table.wrap("Now it \(present.sentence).", to: output.width ?? 400) { output.line(line) }
        // Of what is at work again, the last end says nothing any more.
        let isUnderWay = present.state == .parked || present.state == .refreshing
        if !isUnderWay, present.lastStep?.status == .failed, let failure = present.lastStep?.failure {
            output.line("Its last attempt failed: \(failure.code.rawValue)")
        }
        if let next = present.nextRun, present.state != .upToDate {
            let wait = next.dueAt > reading.now ? "in \((next.dueAt - reading.now).briefly)" : "now"
            output.line("Next run \(wait)" + (next.delay.map { " (\($0))" } ?? ""))
        }
        output.line(
            "Data as of \(reading.ago(present.dataTime)), refreshed \(reading.ago(present.lastMaterialized)), "
                + "inputs looked at \(reading.ago(present.lastVerified))"
        )
    }

    /// The last decision that became a run; looked for among the latest thousand.
    private static func lastRun(
        of asset: AssetKey,
        at moment: Timestamp?,
        _ reading: Reading
    ) async throws -> DecisionRecord? {
        let query = DecisionQuery(asset: asset, at: moment, limit: 1000)
        let decisions = try await reading.ask { () throws(StoreError) in try await reading.store.decisions(query) }
        return decisions.first { record in
            if case .run = record.decision { record.run != nil } else { false }
        }
    }

    private func write(lastRun: DecisionRecord, _ reading: Reading) {
        let output = reading.output
        let reason = lastRun.decision.reason(lastRun.evidence)
        let text = "Last run \(reading.ago(lastRun.at)), because \(reason); run \(lastRun.run ?? "")"
        output.line()
        for line in Table.wrap(text, to: output.width ?? 400) { output.line(line) }
    }

    private func writeObserved(_ spec: AssetSpec, _ snapshot: StoreSnapshot, _ reading: Reading) {
        let output = reading.output
        if spec.isBranch { return output.line("\(spec.key) is a branch: ask about an asset behind it") }
        guard let seen = snapshot.observations[spec.key] else {
            return output.line("\(spec.key) is observed, and nobody has looked at it yet")
        }
        let head = "\(spec.key) is observed: \(seen.observation.version.text)"
        for line in Table.wrap(head, to: output.width ?? 400) { output.line(output.style.bold(line)) }
        output.line("  health       \(seen.observation.health.rawValue)")
        output.line("  signal       \(seen.observation.signal), \(seen.observation.strength.rawValue)")
        output.line("  changed      \(reading.ago(seen.changedAt))")
        output.line("  looked at    \(reading.ago(seen.verifiedAt))")
        if let message = seen.observation.message { output.line("  message      \(message)") }
        if !seen.observation.values.isEmpty {
            output.line("  values       \(EvidenceText.text(seen.observation.values))")
        }
        if let source = seen.observation.source { output.line("  source       \(source)") }
        if let query = seen.observation.query { output.line("  query        \(query)") }
        if let cost = seen.observation.cost { output.line("  cost         \(EvidenceText.text(cost))") }
    }

    /// - Throws: ``Failure/badTime(_:)``.
    static func moment(_ text: String, _ project: Project) throws -> Timestamp {
        guard let utc = Timestamp(iso8601: text) else { throw Failure.badTime(text) }
        let time = text.split(whereSeparator: { $0 == "T" || $0 == " " }).dropFirst().first ?? ""
        guard !time.contains("Z"), !time.contains("+"), !time.contains("-") else { return utc }
        let zone = ZoneFiles.rules(project.timeZone)
        let local = TimeZoneRules.utc.local(at: utc)
        return zone.timestamp(forLocal: local)
    }
}
