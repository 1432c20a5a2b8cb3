import ArgumentParser
import FoundationEssentials
import FreshetCore
import FreshetKit

struct SchedulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedules",
        abstract: "List when the clock asks for something, with the next five times.",
        usage: "freshet schedules [options]"
    )

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let project = try options.loadProject()
        let output = options.output
        var records: [String: ScheduleRecord] = [:]
        if FileManager.default.fileExists(atPath: project.store) {
            let reading = try await Reading.open(options)
            records = try await reading.snapshot().schedules
            await reading.store.close()
        }
        let now = Wiring.clock.now
        let rows = ScheduleText.rows(of: project, at: now, records)
        if options.json { return output.document("freshet.schedules/1", ["schedules": .list(rows.map(\.json))]) }
        guard !rows.isEmpty else { return output.line("no asset has 'cron' or 'force_at'") }
        ScheduleText.write(project, to: output, at: now)
    }
}
