/// Everything a plan is made from.
///
/// A plan made twice from the same input is the same plan.
public struct PlanInput: Sendable {
    public var graph: AssetGraph
    /// The latest success of each asset.
    public var recorded: [AssetKey: Materialization]
    /// What the probes saw; an observed asset without an entry is `.missing`.
    public var observed: [AssetKey: Observation]
    /// What may be worked on; `nil` for everything.
    public var selected: Set<AssetKey>?
    /// Assets to run even when up to date or not selected by a branch.
    ///
    /// A failed or missing input still holds them.
    public var forced: Set<AssetKey>
    /// Assets whose longest skip has passed; like ``forced``, with a cause of its own.
    public var overdue: Set<AssetKey>
    /// Assets for which a new date has begun; like ``overdue``, with a cause of their own.
    public var dayChanges: [AssetKey: DayChange]
    /// Assets that a slot of their schedule refreshes whatever their inputs are; like ``overdue``.
    public var scheduled: [AssetKey: Timestamp]
    /// Assets that a slot refreshes also when they are up to date or no branch chose them, as a proof.
    public var shadowed: [AssetKey: Timestamp]
    /// What a person has paused; it counts like what is not selected.
    public var paused: Set<AssetKey>

    public init(
        graph: AssetGraph,
        recorded: [AssetKey: Materialization] = [:],
        observed: [AssetKey: Observation] = [:],
        selected: Set<AssetKey>? = nil,
        forced: Set<AssetKey> = [],
        overdue: Set<AssetKey> = [],
        dayChanges: [AssetKey: DayChange] = [:],
        scheduled: [AssetKey: Timestamp] = [:],
        shadowed: [AssetKey: Timestamp] = [:],
        paused: Set<AssetKey> = []
    ) {
        self.graph = graph
        self.recorded = recorded
        self.observed = observed
        self.selected = selected
        self.forced = forced
        self.overdue = overdue
        self.dayChanges = dayChanges
        self.scheduled = scheduled
        self.shadowed = shadowed
        self.paused = paused
    }

    func isSelected(_ key: AssetKey) -> Bool { selected?.contains(key) ?? !paused.contains(key) }

    /// Why an asset is to run whatever its inputs say; a step goes by the calendar of what it is a step before, too.
    func demand(for key: AssetKey) -> Cause? {
        if forced.contains(key) { return .forced }
        return calendarDemand(for: key)
            ?? graph.served(by: key).lazy.filter(isSelected).compactMap(calendarDemand).first
    }

    private func calendarDemand(for key: AssetKey) -> Cause? {
        if overdue.contains(key) { return .maxSkipPassed }
        if let slot = scheduled[key] { return .scheduled(slot) }
        return dayChanges[key].map { .dayChanged(from: $0.from, to: $0.to) }
    }
}
