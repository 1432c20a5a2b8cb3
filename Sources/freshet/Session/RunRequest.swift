import FreshetCore
import FreshetEngine
import FreshetKit
import Logging

/// Asks for a run, of the daemon if one works on the store, else of an engine in this process; and follows it.
struct RunRequest {
    var targets: [AssetKey]
    var kind = TriggerRecord.Kind.manual
    var isForced = false
    /// A second request of the same key is the same request.
    var key: String
    var waits = true
    var timeout: Duration?
    var options: ProjectOptions

    /// - Returns: the run as it ended, or as it is when nobody waits; `nil` when nothing was begun yet.
    /// - Throws: ``Failure``.
    func perform(in project: Project) async throws -> RunDetail? {
        let client = try DaemonClient(store: project.store)
        if await client.isRunning() {
            let answer = try await client.post(
                "triggers",
                [
                    "key": .text(key), "kind": .text(kind.rawValue), "forced": .boolean(isForced),
                    "targets": .list(targets.map { .text($0.path) }),
                ]
            )
            guard let trigger = answer["trigger"]?.text else { throw Failure.daemon("its answer names no trigger") }
            let store = try await Wiring.openReader(project.store)
            return try await follow(trigger, in: store, project)
        }
        return try await performHere(project)
    }

    /// The same engine in this process, for as long as the run lasts.
    private func performHere(_ project: Project) async throws -> RunDetail? {
        let host = try await EngineHost.start(options, level: .error)
        await host.engine.answerOnlyPeople()
        let now = host.surroundings.clock.now
        let trigger = TriggerRecord(
            id: Identifier.timeOrdered(at: now, chance: Wiring.chance),
            key: key,
            kind: kind,
            actor: Wiring.actor,
            targets: targets,
            isForced: isForced,
            createdAt: now,
            dueAt: now
        )
        let loops = Task {
            await withDiscardingTaskGroup { group in
                // The loops end by cancellation alone.
                group.addTask { do { try await TriggerLoop(host.engine).run() } catch {} }
                group.addTask { do { try await RunTimerLoop(host.engine).run() } catch {} }
            }
        }
        let result: Result<RunDetail?, any Error>
        do {
            let writer = Writer(epoch: host.epoch, actor: trigger.actor)
            let stored = try await host.store.commit(TriggerCommit(triggers: [trigger]), by: writer)
            await host.engine.notice(trigger: stored.first ?? trigger.id)
            var waiting = self
            waiting.waits = true
            result = .success(try await waiting.follow(stored.first ?? trigger.id, in: host.store, project))
        } catch let error as StoreError {
            result = .failure(Failure.store(error, path: project.store))
        } catch {
            result = .failure(error)
        }
        loops.cancel()
        await host.stop()
        return try result.get()
    }

    private func follow(_ trigger: TriggerID, in store: any RunStore, _ project: Project) async throws -> RunDetail? {
        do {
            return try await RunFollower(store: store, output: options.output, waits: waits, timeout: timeout)
                .follow(trigger)
        } catch let error as StoreError {
            throw Failure.store(error, path: project.store)
        }
    }
}
