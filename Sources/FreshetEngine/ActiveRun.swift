import FreshetCore
import FreshetKit

/// A run in progress: its machine, and its steps as the store has them.
struct ActiveRun {
    var record: RunRecord
    var machine: RunMachine
    var steps: [AssetKey: StepRecord] = [:]
    /// Whether it began with assets that the project no longer has.
    var hasForgotten = false
    /// How much was refreshed, where an attempt did more than it was asked for.
    var extents: [AssetKey: Extent] = [:]
    /// The attempts that are under way.
    var attempts: [AssetKey: Attempt] = [:]
    /// Remote operations that a former process left, by asset.
    var leftBehind: [AssetKey: RemoteOperation] = [:]

    struct Attempt {
        var number: Int
        var stop: StopSignal
        /// `nil` while it waits for a slot of its pool.
        var task: Task<Void, Never>?
    }
}
