public import FreshetCore

public struct StoreSnapshot: Sendable {
    public var observations: [AssetKey: ObservationRecord]
    /// The latest of each asset.
    public var materializations: [AssetKey: MaterializationRecord]
    public var cursors: [String: String]
    public var pauses: Set<AssetKey>
    public var isPaused: Bool
    /// Oldest first.
    public var pendingTriggers: [TriggerRecord]
    /// Oldest first.
    public var unfinishedRuns: [RunDetail]
    /// The latest finished step of each asset that was worked on, with how many have failed in a row up to it.
    public var lastSteps: [AssetKey: LastStep]
    /// When each asset was first decided to run after its last success; none for what has not been since.
    public var staleSince: [AssetKey: Timestamp] = [:]
    /// When each sensor last looked and got an answer: what it then left unmentioned was as before.
    public var lastLooks: [String: Timestamp] = [:]
    /// How far each schedule has been answered, by name.
    public var schedules: [String: ScheduleRecord] = [:]
    public var pausedSensors: Set<String> = []
    public var pausedSchedules: Set<String> = []
    /// The position in the sequence of changes that the snapshot includes; see ``ChangeRecord``.
    public var sequence: Int64 = 0
    /// The latest throttling of each budget that was throttled.
    public var budgets: [String: BudgetRecord] = [:]

    public struct LastStep: Hashable, Sendable {
        public var step: StepRecord
        public var failuresInARow: Int

        public init(step: StepRecord, failuresInARow: Int) {
            self.step = step
            self.failuresInARow = failuresInARow
        }
    }

    public init(
        observations: [AssetKey: ObservationRecord] = [:],
        materializations: [AssetKey: MaterializationRecord] = [:],
        cursors: [String: String] = [:],
        pauses: Set<AssetKey> = [],
        isPaused: Bool = false,
        pendingTriggers: [TriggerRecord] = [],
        unfinishedRuns: [RunDetail] = [],
        lastSteps: [AssetKey: LastStep] = [:]
    ) {
        self.observations = observations
        self.materializations = materializations
        self.cursors = cursors
        self.pauses = pauses
        self.isPaused = isPaused
        self.pendingTriggers = pendingTriggers
        self.unfinishedRuns = unfinishedRuns
        self.lastSteps = lastSteps
    }
}
