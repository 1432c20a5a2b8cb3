import FreshetCore
import FreshetKit

/// The triggers that have no end yet, found by their targets.
struct PendingTriggers {
    private var records: [TriggerID: TriggerRecord] = [:]
    /// Of those that came of themselves, oldest first.
    private var byTarget: [AssetKey: [TriggerID]] = [:]
    /// Those that a person made, oldest first.
    private var manualIDs: [TriggerID] = []

    /// - Parameter triggers: oldest first.
    init(_ triggers: [TriggerRecord] = []) { for trigger in triggers { insert(trigger) } }

    var manual: [TriggerRecord] { manualIDs.compactMap { records[$0] } }

    /// What automatic triggers ask for.
    var targets: Set<AssetKey> { Set(byTarget.keys) }

    var automatic: [TriggerRecord] { records.values.filter(\.isAutomatic).sorted { $0.id < $1.id } }

    func contains(_ id: TriggerID) -> Bool { records[id] != nil }

    func isTarget(_ asset: AssetKey) -> Bool { byTarget[asset] != nil }

    /// The automatic triggers that ask for this asset, oldest first.
    func triggers(for asset: AssetKey) -> [TriggerRecord] { (byTarget[asset] ?? []).compactMap { records[$0] } }

    mutating func insert(_ trigger: TriggerRecord) {
        guard records.updateValue(trigger, forKey: trigger.id) == nil else { return }
        guard trigger.isAutomatic else { return manualIDs.append(trigger.id) }
        for target in trigger.targets { byTarget[target, default: []].append(trigger.id) }
    }

    mutating func remove(_ id: TriggerID) {
        guard let trigger = records.removeValue(forKey: id) else { return }
        guard trigger.isAutomatic else { return manualIDs.removeAll { $0 == id } }
        for target in trigger.targets {
            byTarget[target]?.removeAll { $0 == id }
            if byTarget[target]?.isEmpty == true { byTarget[target] = nil }
        }
    }
}
