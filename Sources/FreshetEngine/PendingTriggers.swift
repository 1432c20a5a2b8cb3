package import FreshetCore
package import FreshetKit

/// The triggers that have no end yet, found by their targets.
package struct PendingTriggers {
    private var records: [TriggerID: TriggerRecord] = [:]
    /// Of those that came of themselves, oldest first.
    private var byTarget: [AssetKey: [TriggerID]] = [:]
    /// Those that a person made, oldest first.
    private var manualIDs: [TriggerID] = []
    /// Those of schedules; few at any time.
    private var slotted: Set<TriggerID> = []

    /// - Parameter triggers: oldest first.
    init(_ triggers: [TriggerRecord] = []) { for trigger in triggers { insert(trigger) } }

    var manual: [TriggerRecord] { manualIDs.compactMap { records[$0] } }

    /// What automatic triggers ask for.
    package var targets: Set<AssetKey> { Set(byTarget.keys) }

    package var automatic: [TriggerRecord] { records.values.filter(\.isAutomatic).sorted { $0.id < $1.id } }

    func contains(_ id: TriggerID) -> Bool { records[id] != nil }

    func isTarget(_ asset: AssetKey) -> Bool { byTarget[asset] != nil }

    /// The latest pending slot of each asset: those that always refresh, and those that look and compare.
    var slots: (forced: [AssetKey: Timestamp], compared: [AssetKey: Timestamp]) {
        var slots: (forced: [AssetKey: Timestamp], compared: [AssetKey: Timestamp]) = ([:], [:])
        for id in slotted {
            guard let trigger = records[id], let slot = trigger.slot else { continue }
            for target in trigger.targets {
                if trigger.isForced {
                    slots.forced[target] = max(slots.forced[target] ?? slot, slot)
                } else {
                    slots.compared[target] = max(slots.compared[target] ?? slot, slot)
                }
            }
        }
        return slots
    }

    /// The automatic triggers that ask for this asset, oldest first.
    package func triggers(for asset: AssetKey) -> [TriggerRecord] { (byTarget[asset] ?? []).compactMap { records[$0] } }

    package mutating func insert(_ trigger: TriggerRecord) {
        guard records.updateValue(trigger, forKey: trigger.id) == nil else { return }
        guard trigger.isAutomatic else { return manualIDs.append(trigger.id) }
        if trigger.slot != nil { slotted.insert(trigger.id) }
        for target in trigger.targets { byTarget[target, default: []].append(trigger.id) }
    }

    package mutating func remove(_ id: TriggerID) {
        guard let trigger = records.removeValue(forKey: id) else { return }
        guard trigger.isAutomatic else { return manualIDs.removeAll { $0 == id } }
        slotted.remove(id)
        for target in trigger.targets {
            byTarget[target]?.removeAll { $0 == id }
            if byTarget[target]?.isEmpty == true { byTarget[target] = nil }
        }
    }
}
