import FoundationEssentials
import FreshetConnectors
import FreshetCore
import FreshetDefinitions
import FreshetKit
import FreshetPowerBI
import FreshetSQLite
import Glibc

/// Prints how long a project takes from YAML through SQLite to a plan and its lineage, as it grows.
///
/// CPU time is the figure to compare; wall time says how busy the machine was.
@main
enum Benchmarks {
    /// Takes a folder, and leaves the projects with their stores in it: `1000/`, `10000/`, `100000/`.
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            print("usage: Benchmarks <folder>")
            exit(2)
        }
        print("assets   step       CPU ms  wall ms  µs CPU each")
        for count in [1_000, 10_000, 100_000] { try await measure(count, in: CommandLine.arguments[1]) }
    }

    private static func measure(_ count: Int, in parent: String) async throws {
        let folder = "\(parent)/\(count)"
        var random = RandomProject(count: count, seed: 1)
        try random.write(to: folder)
        let loader = ProjectLoader(catalog: Connectors.catalog + PowerBI.catalog, environmentVariables: [:])

        let project = try Meter.measure(count, "load") { try loader.load(folder: folder).project }
        let store = try await SQLiteStore.open(path: project.store, mode: .writer)
        let epoch = try await store.claim(owner: "benchmark", at: now)
        let writer = Writer(epoch: epoch, actor: .engine)
        try await Meter.measure(count, "observe") { try await observe(project, store, writer) }
        let recorded = try await Meter.measure(count, "record") { try await record(project, store, writer) }
        let snapshot = try await Meter.measure(count, "snapshot") { try await store.snapshot() }
        let plan = Meter.measure(count, "plan") {
            Plan(
                PlanInput(
                    graph: project.graph,
                    recorded: snapshot.materializations.mapValues(\.materialization),
                    observed: snapshot.observations.mapValues(\.observation)
                )
            )
        }
        let assets = try Meter.measure(count, "lineage") {
            try Selection(parsing: "+key:\"*\"").resolve(in: project.graph).count
        }
        await store.close()
        guard recorded > 0, plan.steps.count == recorded, assets == project.assets.count else {
            print("error: the benchmark measured something else than it says")
            exit(1)
        }
    }

    static let now = Timestamp(seconds: 1_777_000_000)

    private static func observe(_ project: Project, _ store: SQLiteStore, _ writer: Writer) async throws {
        var observations: [AssetKey: Observation] = [:]
        for asset in project.graph.ordered where asset.isObserved {
            observations[asset.key] = Observation(.known("row_count=1"), signal: "row_count", observedAt: now)
        }
        let tick = TickRecord(sensor: "bench", status: .changed, message: "", startedAt: now, endedAt: now)
        let commit = TickCommit(tick: tick, cursor: nil, observations: observations, verified: [])
        try await store.commit(commit, by: writer)
    }

    /// Runs everything once, with steps that succeed at once.
    private static func record(_ project: Project, _ store: SQLiteStore, _ writer: Writer) async throws -> Int {
        let observed = try await store.snapshot().observations.mapValues(\.observation)
        let selected = project.graph.ordered.filter(\.isMaterialized).map(\.key)
        let run = RunRecord(
            id: Identifier.timeOrdered(at: now, chance: { 0.5 }),
            trigger: .manual,
            actor: .engine,
            selected: selected,
            inputs: observed,
            configVersion: project.configVersion,
            graphHash: project.configVersion,
            createdAt: now
        )
        try await store.begin(run, answering: [], by: writer)
        var machine = RunMachine(PlanInput(graph: project.graph, observed: observed))
        var queue = machine.start(at: now)
        var events: [RunEvent] = []
        var next = 0
        var count = 0
        while next < queue.count {
            defer { next += 1 }
            switch queue[next] {
            case .launch(let asset, _, _): queue += machine.succeeded(asset)
            case .record(let materialization):
                count += 1
                let record = MaterializationRecord(
                    materialization: materialization,
                    run: run.id,
                    startedAt: now,
                    at: now,
                    extent: .whole
                )
                events += [
                    .step(StepRecord(run: run.id, asset: materialization.asset, status: .succeeded)),
                    .materialized(record),
                ]
            case .recordSkip(let asset, let reason):
                count += 1
                events.append(.step(StepRecord(run: run.id, asset: asset, status: .skipped, skipReason: reason)))
            case .finish(let status): events.append(.ended(run.id, status, at: now))
            case .recordFailure, .retry, .stop: break
            }
            if events.count >= 2000 {
                try await store.append(events, by: writer)
                events = []
            }
        }
        try await store.append(events, by: writer)
        return count
    }
}

/// Times one step of the benchmark and prints its row.
enum Meter {
    static func measure<Value>(_ count: Int, _ name: String, _ body: () throws -> Value) rethrows -> Value {
        let start = (cpu(), wall())
        let value = try body()
        row(count, name, start)
        return value
    }

    static func measure<Value>(_ count: Int, _ name: String, _ body: () async throws -> Value) async rethrows -> Value {
        let start = (cpu(), wall())
        let value = try await body()
        row(count, name, start)
        return value
    }

    private static func row(_ count: Int, _ name: String, _ start: (Double, Double)) {
        let spent = (cpu() - start.0, wall() - start.1)
        let cells = [
            (String(count), 9), (name, 9), (String(Int(spent.0 * 1000)), -8), (String(Int(spent.1 * 1000)), -9),
            (String(Int(spent.0 * 1e6) / count), -13),
        ]
        print(
            cells.map { text, width in
                let pad = String(repeating: " ", count: max(0, abs(width) - text.count))
                return width < 0 ? pad + text : text + pad
            }.joined()
        )
    }

    private static func cpu() -> Double {
        var usage = rusage()
        getrusage(0, &usage)  // RUSAGE_SELF
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func wall() -> Double {
        var time = timeval()
        gettimeofday(&time, nil)
        return seconds(time)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
