import FreshetCore
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
    var pools: Pools
    /// Rings when a loop has a reason to look again.
    nonisolated let triggersMoved = Bell()
    nonisolated let runTimers = Bell()
    nonisolated let runsEnded = Bell()
    nonisolated let hints = HintBoard()
    private var isBusy = false
    private var waiters: [CheckedContinuation<Void, Never>] = []
    /// Manual triggers whose inputs have been looked at.
    var probed: Set<TriggerID> = []
    /// The longest skips that have led to an evaluation, by the success they count from.
    var noticedSkips: [AssetKey: Timestamp] = [:]
    var isStopping = false
    /// Whether a newer daemon has taken the store.
    public private(set) var isSuperseded = false
    nonisolated let superseded = Bell()

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
        pools = Pools(limits: project.pools)
        let snapshot = try await store.snapshot()
        world = World(project, snapshot)
        unfinished = snapshot.unfinishedRuns
    }

    /// The runs that a former process left; taken up by ``recover()``.
    var unfinished: [RunDetail]

    nonisolated var clock: any EngineClock { surroundings.clock }

    var writer: Writer { Writer(epoch: epoch, actor: .engine) }

    var graphHash: String { project.configVersion }

    /// Runs `body` alone: nothing else changes the world between its suspension points.
    func exclusively<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        while isBusy { await withCheckedContinuation { waiters.append($0) } }
        isBusy = true
        defer {
            isBusy = false
            if !waiters.isEmpty { waiters.removeFirst().resume() }
        }
        return try await body()
    }

    func newID() -> String { Identifier.timeOrdered(at: clock.now, chance: surroundings.chance) }

    /// Says that the store refused; a superseded engine stops by itself.
    func notice(_ error: StoreError) {
        log.error("store: \(surroundings.redactor.redact(String(describing: error)))")
        if case .superseded = error {
            isStopping = true
            isSuperseded = true
            superseded.ring()
        }
    }

    /// Returns when a newer daemon has taken the store, or when the task is cancelled.
    public func untilSuperseded() async {
        if !isSuperseded { await superseded.wait() }
    }

    /// Leaves remote work running and waits until every attempt has let go.
    public func stop() async {
        isStopping = true
        let attempts = active.values.flatMap { $0.attempts.values.compactMap(\.task) }
        for attempt in attempts { attempt.cancel() }
        for attempt in attempts { await attempt.value }
    }
}
