import FreshetCore
import FreshetKit

extension Engine {
    /// When the next slot of an asset comes; `nil` for never.
    func nextSlot(of timetable: Timetable) -> Timestamp? {
        timetable.schedules.compactMap { name, schedule in
            world.schedules[name].flatMap {
                schedule.next(after: $0.answeredThrough, in: project.zone(schedule.timeZone))
            }
        }.min()
    }

    /// Answers the slots of an asset whose time has come: looks at its inputs, then asks for a decision.
    ///
    /// A slot's trigger and how far its schedule has been answered are one transaction, and a slot has at most one
    /// trigger, so that it is answered once however often the daemon is killed.
    ///
    /// - Returns: false when the store refused; then nothing has happened.
    func answerSlots(of timetable: Timetable) async -> Bool {
        guard await adopt(timetable) else { return false }
        let began = clock.now
        var open = timetable
        open.schedules.removeAll { world.pausedSchedules.contains($0.name) }
        let slots = open.due(world.schedules, at: began, zone: project.zone)
        if slots.values.contains(false) { await look(atInputsOf: [timetable.asset]) }
        if Task.isCancelled || isStopping { return false }
        let isKept = await exclusively {
            let now = clock.now
            var change = TriggerCommit(schedules: progress(of: timetable, through: began))
            for (slot, isForced) in slots.sorted(by: { $0.key < $1.key }) {
                change.triggers.append(trigger(for: timetable.asset, slot, isForced: isForced, at: now))
            }
            if project.mode == .observe, !slots.isEmpty {
                let plan = Plan(world.planInput(), for: [timetable.asset])
                change.decisions = plan.step(timetable.asset).map { [record($0, at: now)] } ?? []
            }
            guard await commit(change) else { return false }
            for record in change.schedules { world.schedules[record.name] = record }
            return true
        }
        if !slots.isEmpty { triggersMoved.ring() }
        return isKept
    }

    private func trigger(for asset: AssetKey, _ slot: Timestamp, isForced: Bool, at now: Timestamp) -> TriggerRecord {
        var trigger = TriggerRecord(
            id: newID(),
            key: "\(TriggerRecord.Kind.schedule.rawValue):\(asset):\(slot.milliseconds)",
            kind: .schedule,
            slot: slot,
            actor: .engine,
            targets: [asset],
            isForced: isForced,
            createdAt: now,
            dueAt: now
        )
        if project.mode == .observe {
            trigger.disposition = Disposition(.skipped, reason: Self.observeMode, at: now)
        }
        return trigger
    }

    /// What is to be remembered of an asset's schedules; the wall clock may have been set back, and slots have not.
    private func progress(of timetable: Timetable, through now: Timestamp) -> [ScheduleRecord] {
        timetable.schedules.compactMap { name, schedule in
            guard var record = world.schedules[name],
                let next = schedule.next(after: record.answeredThrough, in: zone(schedule)), next <= now
            else { return nil }
            record.answeredThrough = now
            return record
        }
    }

    private func zone(_ schedule: Schedule) -> TimeZoneRules { project.zone(schedule.timeZone) }

    /// Begins to keep schedules that are new, or that mean other times than before: nothing is made up for.
    private func adopt(_ timetable: Timetable) async -> Bool {
        await exclusively {
            let now = clock.now
            let new = timetable.schedules.compactMap { name, schedule -> ScheduleRecord? in
                guard world.schedules[name]?.definition != schedule.definition else { return nil }
                return ScheduleRecord(name: name, definition: schedule.definition, answeredThrough: now)
            }
            guard await commit(TriggerCommit(schedules: new)) else { return false }
            for record in new { world.schedules[record.name] = record }
            return true
        }
    }
}
