import FreshetCore
import FreshetFailpoints
public import FreshetKit
public import Logging

/// Decides by the world as the store has it, and carries the decisions out.
///
/// The loops beside it only say what happened: a sensor looked, a trigger came, a moment passed, an attempt ended.
/// Whatever changes the world does so here, one change at a time (``exclusively(_:)``), each committed to the store
/// before it counts.
public actor Engine {
    let store: any RunStore
    let surroundings: Surroundings
    let connections: Connections
    let epoch: Epoch
    let log: Logger
    var world: World
    var active: [RunID: ActiveRun] = [:]
    /// Every asset that an active run may work on, with that run.
    var busy: [AssetKey: RunID] = [:]
    var budgets: Budgets
    /// What connections pace their own calls by, by the budget's name.
    let requests: [String: RequestBudget]
    /// Attempts that are ready but for a pause; in the order of asking.
    var held: [Budgets.Holder] = []
    /// Attempts that are ready but for a blackout, with its end.
    var blackouts = Timers<Budgets.Holder>()
    /// When each active run has something to do.
    var runDeadlines = Timers<RunID>()
    /// What there is to answer, and when.
    var agenda = Agenda()
    /// How far the looks for manual triggers have come.
    var manualLooks: [TriggerID: ManualLook] = [:]
    /// The runs that a former process left; taken up by ``recover()``.
    var unfinished: [RunDetail]

    nonisolated let sensors: SensorIndex
    /// Rings when a loop has a reason to look again.
    nonisolated let triggersMoved = Bell()
    nonisolated let runTimers = Bell()
    nonisolated let hints = HintBoard()
    nonisolated let looks = LookBook()
    /// Raised when nothing new may begin.
    nonisolated let stopping = StopSignal()
    nonisolated let superseded = Bell()
    private nonisolated let turnstile = Turnstile()

    /// Whether automatic triggers are answered.
    var isAutomatic = true
    /// Whether a newer daemon has taken the store.
    public private(set) var isSuperseded = false

    public let project: Project

    public init(
        project: Project,
        store: any RunStore,
        epoch: Epoch,
        connections: Connections,
        surroundings: Surroundings,
        log: Logger
    ) async throws(StoreError) {
        self.project = project
        self.store = store
        self.epoch = epoch
        self.connections = connections
        self.surroundings = surroundings
        self.log = log
        sensors = SensorIndex(project)
        requests = Self.requests(of: project, connections)
        let snapshot = try await store.snapshot()
        budgets = Self.budgets(of: project, snapshot, at: surroundings.clock.now)
        var world = World(project, snapshot)
        try await world.loadUses(from: store, at: surroundings.clock.now)
        self.world = world
        unfinished = snapshot.unfinishedRuns
        agenda.candidates = world.pending.targets
        for (name, budget) in requests {
            if let record = snapshot.budgets[name] { budget.restore(record) }
            budget.listen { [runTimers] in runTimers.ring() }
        }
    }

    nonisolated var clock: any EngineClock { surroundings.clock }

    nonisolated var isStopping: Bool { stopping.reason != nil }

    var writer: Writer { Writer(epoch: epoch, actor: .engine) }

    var graphHash: String { project.configVersion }

    /// Runs `body` alone: nothing else changes the world between its suspension points.
    ///
    /// Not to be called inside itself.
    func exclusively<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        await turnstile.enter()
        defer { turnstile.leave() }
        return try await body()
    }

    func newID() -> String { Identifier.timeOrdered(at: clock.now, chance: surroundings.chance) }

    /// Says that the store refused; a superseded engine stops by itself.
    func notice(_ error: StoreError) {
        log.error("store: \(surroundings.redactor.redact(String(describing: error)))")
        if case .superseded = error {
            stopping.raise(.cancelled)
            isSuperseded = true
            superseded.ring()
        }
    }

    /// Returns when a newer daemon has taken the store, or when the task is cancelled.
    public func untilSuperseded() async {
        if !isSuperseded { await superseded.wait() }
    }

    /// The longest that ``stop()`` waits for attempts to let go.
    private static let longestFarewell = Duration.seconds(20)

    /// Leaves remote work running and waits until every attempt has let go, but not for one that never does.
    public func stop() async {
        failpoint(.shutdownBegun)
        stopping.raise(.cancelled)
        let attempts = active.values.flatMap { $0.attempts.values.compactMap(\.task) }
        let tasks = attempts + manualLooks.values.compactMap(\.task)
        for task in tasks { task.cancel() }
        let isDone = await FirstAnswer.within(Self.longestFarewell, on: clock, otherwise: false) {
            for task in tasks { await task.value }
            // Whoever is changing the world right now finishes first.
            await self.exclusively {}
            return true
        }
        if !isDone { log.warning("an attempt has not let go; it is left behind") }
        failpoint(.shutdownDrained)
    }
}
