import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetPowerBI
import FreshetView

struct PowerBISchedule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedule",
        abstract: "Show whether a model's own schedule in Power BI is still on.",
        usage: "freshet powerbi schedule <asset> [options]"
    )

    @OptionGroup var model: ModelOptions
    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let (session, target) = try await model.open(options)
        let schedule = try await session.ask { () throws(ReadingError) in try await session.reading.schedule(of: target)
        }
        let output = session.output
        if options.json {
            return output.document(
                "freshet.powerbi_schedule/1",
                [
                    "target": .text(target), "enabled": .boolean(schedule.isEnabled),
                    "days": .list(schedule.days.map { .text($0) }), "times": .list(schedule.times.map { .text($0) }),
                    "local_time_zone_id": Documents.text(schedule.zone),
                    "notify_option": Documents.text(schedule.notifyOption),
                ]
            )
        }
        guard schedule.isEnabled else {
            return output.line("off: Power BI refreshes it only when it is asked to")
        }
        let days = schedule.days.count == 7 ? "every day" : schedule.days.joined(separator: ", ")
        let times = schedule.times.joined(separator: ", ")
        output.line("\(output.style.yellow("on")): \(days) at \(times), \(schedule.zone ?? "UTC")")
        output.line("Turn it off in the model's settings in Power BI, or the model is refreshed twice;")
        output.line("only the model's owner can, also through the REST interface.")
    }
}
