import ArgumentParser
import FreshetCore
import FreshetEngine
import FreshetKit
import FreshetView

struct SensorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sensors",
        abstract: "List what is watched, how often, and what was seen last.",
        usage: "freshet sensors [options]"
    )

    @OptionGroup var options: ProjectOptions

    func run() async throws {
        let reading = try await Reading.open(options)
        let output = reading.output
        var rows: [(sensor: SensorSummary, last: TickRecord?)] = []
        for sensor in SensorSummary.all(of: reading.project) {
            let query = TickQuery(sensor: sensor.name, limit: 1)
            let ticks = try await reading.ask { () throws(StoreError) in try await reading.store.ticks(query) }
            rows.append((sensor, ticks.first))
        }
        await reading.store.close()
        if options.json {
            let sensors: [JSONValue] = rows.map { row in
                [
                    "sensor": .text(row.sensor.name), "kind": .text(row.sensor.kind),
                    "every_seconds": row.sensor.every.map { .number($0.inSeconds) } ?? .null,
                    "last_tick": row.last.map(Documents.tick) ?? .null,
                ]
            }
            return output.document("freshet.sensors/1", ["sensors": .list(sensors)])
        }
        guard !rows.isEmpty else { return output.line("the project watches nothing") }
        var table = Table(["SENSOR", "KIND", "EVERY", "LAST LOOK", "SAW"])
        for (sensor, last) in rows {
            let paint: @Sendable (String) -> String = last?.status == .failed ? output.style.red : output.style.plain
            table.add([
                Table.Cell(sensor.name), Table.Cell(sensor.kind),
                Table.Cell(sensor.every?.briefly ?? "on change upstream"),
                Table.Cell(reading.ago(last?.endedAt)),
                Table.Cell(last.map { "\($0.status.rawValue): \($0.message)" } ?? "–", paint),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }
}

struct TicksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticks",
        abstract: "List what sensors saw, the newest first; looks in a row that saw nothing new are one line.",
        usage: "freshet ticks [<sensor>] [options]"
    )

    @Argument(help: "A sensor's name; all of them otherwise.")
    var sensor: String?

    @Option(name: .shortAndLong, help: "How many.")
    var limit = 20

    @OptionGroup var options: ProjectOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit has to be 1 or more") }
    }

    func run() async throws {
        let reading = try await Reading.open(options)
        let output = reading.output
        if let sensor, !SensorSummary.all(of: reading.project).contains(where: { $0.name == sensor }) {
            throw Failure.notObserved(sensor)
        }
        let query = TickQuery(sensor: sensor, limit: limit)
        let ticks = try await reading.ask { () throws(StoreError) in try await reading.store.ticks(query) }
        await reading.store.close()
        if options.json { return output.document("freshet.ticks/1", ["ticks": .list(ticks.map(Documents.tick))]) }
        guard !ticks.isEmpty else { return output.line("no ticks yet") }
        var table = Table(["ENDED", "SENSOR", "STATUS", "LOOKS", "SAW"])
        for tick in ticks {
            let paint: @Sendable (String) -> String = tick.status == .failed ? output.style.red : output.style.plain
            table.add([
                Table.Cell(reading.ago(tick.endedAt)), Table.Cell(tick.sensor),
                Table.Cell(tick.status.rawValue, paint),
                Table.Cell(String(tick.count)), Table.Cell(tick.message),
            ])
        }
        for line in table.lines(width: output.width, style: output.style) { output.line(line) }
    }
}
