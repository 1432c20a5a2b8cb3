import FreshetCore
import FreshetKit
import FreshetTesting
import Logging
import Synchronization
import Testing

@testable import FreshetEngine

/// A project drawn as text, with an engine, a store and a clock; the test says what happens outside.
///
/// Nothing happens by itself: a test looks (``look(_:)``), lets the engine answer (``settle()``), moves the clock.
final class House {
    let outside = Outside()
    let clock = ManualClock(at: Timestamp(seconds: 1_777_000_000))
    let disk = MemoryDisk()
    private(set) var project: Project
    private(set) var store: FlakyStore
    private(set) var engine: Engine
    var specs: [AssetKey: AssetSpec]
    private let pools: [String: Budget.Limits]
    private let extras: Extras
    let anna = Actor("user:anna")

    /// What most houses do without.
    struct Extras {
        /// The connection of every materialized asset.
        var connection: String?
        /// What paces that connection.
        var requests: (@Sendable (any EngineClock) -> RequestBudget)?
        var quota: Quota?
        var timeZone = TimeZoneRules.utc
        var hints: [any HintSource] = []
        /// From which on lines are kept.
        var logLevel = Logger.Level.warning
    }

    /// The budget of the present process.
    private(set) var requests: RequestBudget?

    /// Draws the project (see ``Drawing``); names that begin with `node` come from one source, `policy` is that of every
    /// materialized asset, and `change` is a last touch to each asset.
    init(
        _ drawing: String,
        policy: AssetPolicy = AssetPolicy(automation: AutomationPolicy()),
        pools: [String: Budget.Limits] = [:],
        mode: Project.Mode = .act,
        extras: Extras = Extras(),
        _ change: (inout AssetSpec) -> Void = { _ in }
    ) async throws {
        self.extras = extras
        specs = Drawing(drawing).specs
        for key in specs.keys {
            if specs[key]?.isMaterialized == true { specs[key]?.policy = policy }
            if var spec = specs[key] {
                change(&spec)
                specs[key] = spec
            }
        }
        self.pools = pools
        project = try Self.project(specs, outside, pools, mode, extras)
        store = FlakyStore(try await disk.open())
        requests = extras.requests?(clock)
        engine = try await Self.engine(project, store, clock, outside, requests, extras.logLevel)
    }

    private static func project(
        _ specs: [AssetKey: AssetSpec],
        _ outside: Outside,
        _ pools: [String: Budget.Limits],
        _ mode: Project.Mode,
        _ extras: Extras
    ) throws -> Project {
        let graph = try AssetGraph(Array(specs.values))
        let origin = Origin(file: "test")
        let empty = Settings(ConfigValue(.object([]), at: origin))
        let connected = extras.connection.map { name in
            let value = ConfigValue(.text(name), at: origin)
            let entry = ConfigValue.Entry(key: "connection", keyOrigin: origin, value: value)
            return Settings(ConfigValue(.object([entry]), at: origin))
        }
        let nodes = graph.ordered.map(\.key).filter { $0.path.hasPrefix("node") }
        let assets = graph.ordered.map { spec in
            let work: AssetDefinition.Work =
                switch spec.role {
                case .branch: .branch
                case .materialized: .materialized(StubKind(outside, quota: extras.quota))
                case .observed where nodes.contains(spec.key): .sourced("dbt")
                // A table is looked at when the node that builds it moved.
                case .observed: .probed(StubProbe(outside), every: spec.upstreams.isEmpty ? .seconds(60) : nil)
                }
            return AssetDefinition(
                spec: spec,
                work: work,
                settings: spec.isMaterialized ? connected ?? empty : empty
            )
        }
        let source = SourceDefinition(name: "dbt", source: StubSource(outside, nodes), settings: empty)
        var hash = Fingerprint()
        for spec in graph.ordered { hash.add("\(spec.key) \(spec.codeVersion)") }
        return Project(
            name: "house",
            root: "/",
            timeZone: "UTC",
            store: "memory",
            environment: nil,
            mode: mode,
            connections: extras.requests == nil
                ? [] : [ConnectionDefinition(name: "powerbi", type: StubConnection.self, settings: empty)],
            sources: nodes.isEmpty ? [] : [source],
            hints: extras.hints.map { HintSourceDefinition(source: $0, settings: empty) },
            pools: pools,
            assets: assets,
            graph: graph,
            configVersion: hash.hexadecimal,
            zones: ["UTC": extras.timeZone]
        )
    }

    private static func engine(
        _ project: Project,
        _ store: any RunStore,
        _ clock: ManualClock,
        _ outside: Outside,
        _ requests: RequestBudget?,
        _ logLevel: Logger.Level
    ) async throws -> Engine {
        let surroundings = Surroundings(
            transport: ScriptedTransport(),
            secrets: NoSecrets(),
            redactor: Redactor(),
            clock: clock,
            chance: { outside.update { $0.chance.next() } },
            root: "/"
        )
        var log = Logger(label: "test") { _ in LineKeeper(outside) }
        log.logLevel = logLevel
        return try await Engine(
            project: project,
            store: store,
            epoch: try await store.claim(owner: "test", at: clock.now),
            connections: Connections(requests.map { ["powerbi": StubConnection($0)] } ?? [:]),
            surroundings: surroundings,
            log: log
        )
    }

    /// The process dies; what it had begun outside goes on.
    func crash() async {
        await store.close()
        await engine.stop()
    }

    /// A new process on the same store.
    func start(mode: Project.Mode? = nil, _ change: (inout AssetSpec) -> Void = { _ in }) async throws {
        for key in specs.keys {
            if var spec = specs[key] {
                change(&spec)
                specs[key] = spec
            }
        }
        project = try Self.project(specs, outside, pools, mode ?? project.mode, extras)
        store = FlakyStore(try await disk.open())
        // The next process may make the same attempt once more.
        outside.update { $0.ended = [] }
        requests = extras.requests?(clock)
        engine = try await Self.engine(project, store, clock, outside, requests, extras.logLevel)
        await engine.recover()
    }

    func restart() async throws {
        await crash()
        try await start()
    }

    /// Looks at an asset, or at all nodes of the source by the name `dbt`.
    @discardableResult
    func look(_ name: String, failuresBefore: Int = 0) async -> Int {
        guard let sensor = engine.sensors.all.first(where: { $0.name == name }) else { return -1 }
        return await engine.look(sensor, failuresBefore: failuresBefore)
    }

    /// Looks once at everything.
    func lookAtAll() async {
        for sensor in engine.sensors.all { _ = await engine.look(sensor, failuresBefore: 0) }
    }

    /// Looks at all, and lets everything be refreshed; what was done until here is forgotten.
    func moveIn() async {
        await lookAtAll()
        await settle()
        _ = outside.takeRan()
    }

    /// Lets the engine do everything that can be done at this moment, but for what is held.
    ///
    /// - Returns: when the engine wants to be asked again.
    @discardableResult
    func settle() async -> Timestamp? {
        while true {
            let writes = store.writes
            let answers = await engine.answerTriggers()
            let timers = await engine.serveRunTimers()
            var isBusy = false
            for task in await engine.manualLooks.values.compactMap(\.task) {
                isBusy = true
                await task.value
            }
            for attempt in await engine.underWay {
                let name = Outside.name(attempt.run, attempt.asset, attempt.number)
                await outside.wait { $0.held.contains(name) || $0.ended.contains(name) }
                guard outside.now.ended.contains(name) else { continue }
                isBusy = true
                await attempt.task.value
            }
            let next = [answers, timers].compactMap { $0 }.min()
            if !isBusy, store.writes == writes, next.map({ $0 > clock.now }) ?? true { return next }
        }
    }

    /// Moves the clock, then ``settle()``.
    @discardableResult
    func pass(_ duration: Duration) async -> Timestamp? {
        clock.advance(by: duration)
        return await settle()
    }

    /// Ends what is held, then ``settle()``.
    func finish(_ asset: AssetKey, _ outcome: StepOutcome = .succeeded(StepSuccess())) async {
        let task = await engine.underWay.first { $0.asset == asset }?.task
        outside.finish(asset, outcome)
        await task?.value
        await settle()
    }

    /// A person asks for a run.
    @discardableResult
    func ask(_ targets: AssetKey..., isForced: Bool = false) async throws -> TriggerID {
        let trigger = try await post(targets, isForced: isForced)
        await engine.notice(trigger: trigger)
        return trigger
    }

    /// What ``ask(_:isForced:)`` puts into the store, before the engine has heard of it.
    func post(_ targets: [AssetKey], isForced: Bool = false) async throws -> TriggerID {
        let number = triggerCount.withLock { count in
            count += 1
            return count
        }
        let trigger = TriggerRecord(
            id: "manual \(number)",
            key: "manual \(number)",
            kind: .manual,
            actor: anna,
            targets: targets,
            isForced: isForced,
            createdAt: clock.now,
            dueAt: clock.now
        )
        _ = try await store.commit(TriggerCommit(triggers: [trigger]), by: await engine.writer)
        return trigger.id
    }
    private let triggerCount = Mutex(0)

    func pause(_ isPaused: Bool, _ asset: AssetKey? = nil) async throws {
        try await store.setPaused(isPaused, asset, at: clock.now, by: await engine.writer)
        await engine.notice(isPaused: isPaused, asset)
    }

    func cancel(_ run: RunID) async throws {
        _ = try await store.requestCancel(of: run, at: clock.now, by: Writer(epoch: await engine.epoch, actor: anna))
        await engine.noticeCancel(of: run, by: anna)
    }

    // What the store has.

    /// Newest first.
    func runs() async throws -> [RunRecord] { try await store.runs(RunQuery(limit: 1000)) }

    func lastRun() async throws -> RunDetail {
        let run = try #require(try await runs().first)
        return try #require(try await store.run(run.id))
    }

    func step(_ asset: AssetKey, in run: RunID? = nil) async throws -> StepRecord {
        let id = if let run { run } else { try #require(try await runs().first { $0.selected.contains(asset) }).id }
        let detail = try #require(try await store.run(id))
        return try #require(detail.steps.first { $0.asset == asset })
    }

    func decisions(_ asset: AssetKey) async throws -> [DecisionRecord] {
        try await store.decisions(DecisionQuery(asset: asset, limit: 1000))
    }

    func disposition(_ trigger: TriggerID) async throws -> Disposition? {
        try await store.trigger(trigger)?.disposition
    }

    var triggers: [TriggerRecord] { disk.triggers }
}

extension Engine {
    /// The attempts whose task has begun.
    var underWay: [(run: RunID, asset: AssetKey, number: Int, task: Task<Void, Never>)] {
        active.flatMap { id, run in
            run.attempts.compactMap { asset, attempt in attempt.task.map { (id, asset, attempt.number, $0) } }
        }
    }
}
