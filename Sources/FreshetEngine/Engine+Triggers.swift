public import FreshetCore
import FreshetKit

extension Engine {
    /// Takes note of a trigger that somebody else committed to the store.
    public func notice(trigger id: TriggerID) async {
        await exclusively {
            do throws(StoreError) {
                guard !world.pending.contains(id), let trigger = try await store.trigger(id) else { return }
                take([trigger])
            } catch {
                notice(error)
            }
        }
        triggersMoved.ring()
    }

    /// Takes note of a pause or resume that somebody else committed to the store.
    public func notice(isPaused: Bool, _ asset: AssetKey?) async {
        await exclusively {
            switch asset {
            case nil: world.isPaused = isPaused
            case let asset? where isPaused: world.pauses.insert(asset)
            case let asset?: world.pauses.remove(asset)
            }
            if !isPaused { await takeUpWhatWasPaused(asset) }
        }
        triggersMoved.ring()
    }

    private func takeUpWhatWasPaused(_ asset: AssetKey?) async {
        let now = clock.now
        agenda.unblock()
        let holders = held.filter { !world.isPaused($0.asset) }
        held.removeAll { !world.isPaused($0.asset) }
        await admit(holders, at: now)
        guard let asset else { return }
        // What lies behind it has been decided as if it were not to move.
        let targets = Automation.targets(of: [asset], in: world.graph).filter { !world.pending.isTarget($0) }
        await decide(on: targets, kind: .sensor, key: "\(asset):resumed", at: now)
    }

    /// Decides on every automated asset: the configuration may be another than at the last start.
    public func evaluateAll() async {
        await exclusively {
            let now = clock.now
            _ = world.passSkipLimits(at: now)
            _ = world.passDayLimits(at: now)
            let targets = world.graph.ordered.lazy.map(\.key).filter {
                self.world.graph[$0]?.policy.automation?.actsOnChange == true
            }
            var change = evaluate(Array(targets), kind: .startup, key: "\(epoch.number)", at: now)
            // What a former life decided stands in the store already; only what asks for work is new.
            let asked = Set(change.triggers.flatMap(\.targets))
            change.decisions.removeAll { !asked.contains($0.asset) }
            if await !commit(change) {
                agenda.owed.append(Agenda.Owed(targets: asked, kind: .startup, key: "\(epoch.number)"))
            }
        }
        triggersMoved.ring()
    }

    /// Begins nothing from now on but what a person asks for; automatic triggers are left to the next daemon.
    public func answerOnlyPeople() { isAutomatic = false }

    /// Answers what is due.
    ///
    /// - Returns: when to look again; `nil` for not before something moves.
    func answerTriggers() async -> Timestamp? {
        await exclusively {
            guard !isStopping else { return nil }
            let now = clock.now
            let owed = agenda.owed
            agenda.owed = []
            agenda.isRefused = false
            for debt in owed { await decide(on: debt.targets.sorted(), kind: debt.kind, key: debt.key, at: now) }
            await answerManualTriggers(at: now)
            guard isAutomatic else { return nil }
            await decide(on: world.passSkipLimits(at: now), kind: .maxSkip, key: "\(now.milliseconds)", at: now)
            await decide(on: world.passDayLimits(at: now), kind: .dayChange, key: "\(now.milliseconds)", at: now)
            await answerAutomaticTriggers(at: now)
            agenda.close(at: now)
            guard !isStopping else { return nil }
            return [agenda.next(after: now), world.nextSkipLimit, world.nextDayLimit].compactMap { $0 }.min()
        }
    }
}
