import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let effects = [
        Check("an effect is done once under its key, and answered the same again") { factory in
            let bench = try await Bench(factory, actor: Actor("user:ana"))
            let effect = Sample.effect(.trigger(Sample.trigger("t1")), key: "key-0001")
            let first = try await bench.store.perform(effect, by: bench.writer)
            try expectEqual(first, .done, "at first")
            try expectEqual(
                try await bench.store.perform(effect, by: bench.writer),
                .replayed(effect.answer),
                "the second time"
            )
            try expectEqual(
                try await bench.store.outcome(of: effect, by: bench.writer.actor),
                .replayed(effect.answer),
                "what is known"
            )
            var other = effect
            other.fingerprint = "other"
            try expectEqual(try await bench.store.perform(other, by: bench.writer), .reused, "with another body")
            try expectEqual(try await bench.store.snapshot().pendingTriggers.map(\.id), ["t1"], "the triggers")
            try expectEqual(try await bench.store.audit(AuditQuery()).count, 1, "the rows of the audit")
        },
        Check("a key belongs to one actor, and is forgotten after a week") { factory in
            let bench = try await Bench(factory, actor: Actor("user:ana"))
            let effect = Sample.effect(.none, key: "key-0001")
            _ = try await bench.store.perform(effect, by: bench.writer)
            let bo = Writer(epoch: bench.writer.epoch, actor: Actor("user:bo"))
            try expectEqual(try await bench.store.perform(effect, by: bo), .done, "by another actor")
            var later = Sample.effect(.none, key: "key-0002")
            later.at = effect.at + Effect.keepsAnswers + .seconds(1)
            _ = try await bench.store.perform(later, by: bench.writer)
            try expect(try await bench.store.outcome(of: effect, by: bench.writer.actor) == nil, "it is still known")
        },
        Check("an effect that makes no sense any more is refused, and leaves nothing") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            let effect = Sample.effect(.cancel("r1"), key: "key-0001")
            try expectEqual(try await bench.store.perform(effect, by: bench.writer), .done, "while it goes on")
            try await bench.end("r1", .cancelled)
            let late = Sample.effect(.cancel("r1"), key: "key-0002")
            try expectEqual(try await bench.store.perform(late, by: bench.writer), .refused, "afterwards")
            try expectEqual(try await bench.store.audit(AuditQuery()).count, 1, "the rows of the audit")
            try expectEqual(try await bench.store.perform(late, by: bench.writer), .refused, "once more")
        },
        Check("everything, an asset, a sensor and a schedule are paused by themselves") { factory in
            let bench = try await Bench(factory)
            for scope: PauseScope in [.everything, .asset("a"), .sensor("s/1"), .schedule("a:cron")] {
                for isPaused in [true, false] {
                    _ = try await bench.store.perform(Sample.effect(.pause(scope, isPaused)), by: bench.writer)
                    let found = try await bench.store.snapshot()
                    try expectEqual(found.isPaused, isPaused && scope == .everything, "everything with \(scope)")
                    try expectEqual(found.pauses, isPaused && scope == .asset("a") ? ["a"] : [], "assets with \(scope)")
                    let sensors: Set<String> = isPaused && scope == .sensor("s/1") ? ["s/1"] : []
                    try expectEqual(found.pausedSensors, sensors, "sensors with \(scope)")
                    let schedules: Set<String> = isPaused && scope == .schedule("a:cron") ? ["a:cron"] : []
                    try expectEqual(found.pausedSchedules, schedules, "schedules with \(scope)")
                }
            }
        },
        Check("a cursor is forgotten when somebody asks for it") { factory in
            let bench = try await Bench(factory)
            let commit = TickCommit(tick: Sample.tick(), cursor: "here", observations: [:], verified: [])
            try await bench.store.commit(commit, by: bench.writer)
            _ = try await bench.store.perform(Sample.effect(.forgetCursor(sensor: "s")), by: bench.writer)
            try expectEqual(try await bench.store.snapshot().cursors, [:], "the cursors")
        },
        Check("the audit is listed newest first, page by page, and chained") { factory in
            let bench = try await Bench(factory, actor: Actor("user:ana"))
            for action in ["runs.create", "runs.cancel", "runsome.thing", "pauses.set"] {
                var effect = Sample.effect(.none)
                effect.audit = AuditEntry(action, target: "t", reason: "why", method: .token, address: "127.0.0.1")
                _ = try await bench.store.perform(effect, by: bench.writer)
            }
            func actions(_ query: AuditQuery) async throws -> [String] {
                try await bench.store.audit(query).map(\.entry.action)
            }
            try expectEqual(try await actions(AuditQuery(limit: 2)), ["pauses.set", "runsome.thing"], "the first page")
            let last = try await bench.store.audit(AuditQuery(limit: 2)).last?.sequence
            try expectEqual(try await actions(AuditQuery(before: last)), ["runs.cancel", "runs.create"], "the second")
            try expectEqual(try await actions(AuditQuery(action: "runs")), ["runs.cancel", "runs.create"], "of runs")
            try expectEqual(try await actions(AuditQuery(actor: Actor("user:bo"))), [], "of nobody")
            try expectEqual(try await actions(AuditQuery(outcome: .denied)), [], "what was denied")
            let rows = try await bench.store.audit(AuditQuery())
            try expectEqual(Set(rows.map(\.hash)).count, 4, "the hashes")
            try expectEqual(rows.first?.entry.address, "127.0.0.1", "the address")
        },
        Check("changes are told in the order in which they were made durable") { factory in
            let bench = try await Bench(factory)
            let start = try await bench.store.changes(after: nil, limit: 0).newest
            try await bench.begin("r1", ["a"])
            let running = Sample.step("r1", "a", .running)
            try await bench.append(.step(running), .step(Sample.step("r1", "a", .succeeded)))
            try await bench.end("r1")
            let changes = try await bench.store.changes(after: start, limit: 100)
            try expectEqual(changes.records.map(\.kind), [.run, .step, .step, .run], "the kinds")
            try expectEqual(changes.records.map(\.word), ["running", "running", "succeeded", "succeeded"], "the words")
            try expectEqual(changes.records.last?.sequence, changes.newest, "the newest")
            try expectEqual(try await bench.store.snapshot().sequence, changes.newest, "that of a snapshot")
            let rest = try await bench.store.changes(after: changes.records[1].sequence, limit: 1)
            try expectEqual(rest.records, [changes.records[2]], "from a position on")
            try expect(changes.oldest <= start + 1, "the oldest is \(changes.oldest)")
        },
        Check("however many lines are written together, it is told once") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1", ["a"])
            let start = try await bench.store.changes(after: nil, limit: 0).newest
            let line = LogLine(at: Sample.time(1), message: "m")
            let record = RunEvent.logged(LogRecord(run: "r1", asset: "a", attempt: 1, line: line))
            try await bench.append(record, record, record)
            let kinds = try await bench.store.changes(after: start, limit: 100).records.map(\.kind)
            try expect(kinds.allSatisfy { $0 == .log } && !kinds.isEmpty, "they are \(kinds)")
            try expectEqual(try await bench.store.run("r1")?.logLines, ["a": 3], "the lines of the run")
        },
        Check("finished steps are listed newest first, without those that were skipped") { factory in
            let bench = try await Bench(factory)
            try await bench.work("r1", "a", .succeeded)
            try await bench.work("r2", "a", .failed)
            try await bench.work("r3", "b", .succeeded)
            try await bench.work("r4", "a", .skipped)
            func runs(_ query: StepQuery) async throws -> [RunID] {
                try await bench.store.finishedSteps(query).map(\.run)
            }
            try expectEqual(try await runs(StepQuery(since: Sample.time(0))), ["r3", "r2", "r1"], "all")
            try expectEqual(
                try await runs(StepQuery(asset: "a", since: Sample.time(0), limit: 1)),
                ["r2"],
                "of an asset"
            )
            try expectEqual(try await runs(StepQuery(since: Sample.time(9))), [], "since later")
        },
        Check("decisions are told apart by what they come to") { factory in
            let bench = try await Bench(factory)
            let all: [Decision] = [
                .run([.forced]), .skip(.upToDate), .skip(.upstreamFailed("x")), .skip(.upstreamMissing("x")),
                .skip(.upstreamUnknown("x")), .skip(.foreignRefreshRunning), .skip(.quotaExhausted), .skip(.cancelled),
                .wait(on: ["x"]),
            ]
            let records = all.enumerated().map { Sample.decision("a", $1, at: Int64($0)) }
            _ = try await bench.store.commit(TriggerCommit(decisions: records), by: bench.writer)
            for outcome in DecisionQuery.Outcome.allCases {
                let found = try await bench.store.decisions(DecisionQuery(outcome: outcome, limit: 100))
                let wanted = records.filter { $0.outcome == outcome }.map(\.decision)
                try expectEqual(found.reversed().map(\.decision), wanted, "those that come to \(outcome)")
            }
        },
        Check("runs and ticks are listed by what they are and when they were") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1", ["a"])
            func ids(_ query: RunQuery) async throws -> [RunID] { try await bench.store.runs(query).map(\.id) }
            try expectEqual(try await ids(RunQuery(trigger: .manual)), ["r1"], "of its trigger")
            try expectEqual(try await ids(RunQuery(trigger: .sensor)), [], "of another")
            try expectEqual(
                try await ids(RunQuery(since: Sample.time(6), until: Sample.time(7))),
                ["r1"],
                "at its time"
            )
            try expectEqual(try await ids(RunQuery(until: Sample.time(6))), [], "before")
            try expectEqual(try await bench.store.details(RunQuery()).map(\.steps.count), [1], "the steps")
            for (place, status) in [TickRecord.Status.changed, .failed].enumerated() {
                let tick = Sample.tick(status, at: Int64(place))
                let commit = TickCommit(tick: tick, cursor: nil, observations: [:], verified: [])
                try await bench.store.commit(commit, by: bench.writer)
            }
            let failed = try await bench.store.ticks(TickQuery(status: .failed))
            try expectEqual(failed.map(\.status), [.failed], "failed ticks")
            let late = try await bench.store.ticks(TickQuery(since: Sample.time(2)))
            try expectEqual(late.map(\.status), [.failed], "late ticks")
        },
        Check("a run names the triggers that it answers") { factory in
            let bench = try await Bench(factory)
            _ = try await bench.store.commit(TriggerCommit(triggers: [Sample.trigger("t1")]), by: bench.writer)
            try await bench.store.begin(Sample.run("r1"), answering: ["t1"], by: bench.writer)
            try expectEqual(try await bench.store.run("r1")?.triggers.map(\.id), ["t1"], "its triggers")
        },
        Check("observations are listed newest first where that is asked for") { factory in
            let bench = try await Bench(factory)
            for index in 1...3 {
                var seen = Observation(.known(DataVersion("v\(index)")))
                seen.observedAt = Sample.time(Int64(index))
                let tick = Sample.tick(at: Int64(index))
                let commit = TickCommit(tick: tick, cursor: nil, observations: ["a": seen], verified: [])
                try await bench.store.commit(commit, by: bench.writer)
            }
            let newest = try await bench.store.observations(ObservationQuery(isNewestFirst: true, limit: 2))
            try expectEqual(newest.map(\.observation.version), [.known("v3"), .known("v2")], "the first page")
            let query = ObservationQuery(before: newest.last?.sequence, isNewestFirst: true, limit: 2)
            let rest = try await bench.store.observations(query)
            try expectEqual(rest.map(\.observation.version), [.known("v1")], "the second")
        },
    ]
}

extension Sample {
    static func effect(_ change: Effect.Change, key: String? = nil) -> Effect {
        Effect(
            change,
            at: time(1),
            audit: AuditEntry("test.done", target: "t", reason: "why"),
            key: key,
            fingerprint: "f",
            answer: StoredAnswer(status: 202, body: ["trigger": "t1", "list": [1, .null]])
        )
    }
}
