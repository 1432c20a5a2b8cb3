import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let steps = [
        Check("a step is replaced until it has ended") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1", ["a", "b", "c"])
            try await bench.append(.step(Sample.step("r1", "a", .running)))
            try await bench.append(.step(Sample.step("r1", "a", .retrying, attempt: 2)))
            try await bench.append(.step(Sample.step("r1", "a", .failed, attempt: 2)))
            try await bench.append(.step(Sample.step("r1", "a", .succeeded, attempt: 3)))
            try await bench.append(.step(Sample.step("r1", "c", .skipped)), .step(Sample.step("r1", "c", .running)))
            let wanted = [
                Sample.step("r1", "a", .failed, attempt: 2), StepRecord(run: "r1", asset: "b"),
                Sample.step("r1", "c", .skipped),
            ]
            try expectEqual(try await bench.store.run("r1")?.steps, wanted, "steps")
        },
        Check("failures in a row are counted up to the last step that was worked on") { factory in
            let bench = try await Bench(factory)
            let turns: [(StepStatus, Int, StepStatus?)] = [
                (.skipped, 0, nil), (.failed, 1, .failed), (.failed, 2, .failed), (.skipped, 2, .failed),
                (.failed, 3, .failed), (.succeeded, 0, .succeeded), (.failed, 1, .failed), (.cancelled, 0, .cancelled),
            ]
            for (index, (status, failures, last)) in turns.enumerated() {
                try await bench.work("r\(index)", "a", status)
                let found = try await bench.store.snapshot().lastSteps["a"]
                try expectEqual(found?.failuresInARow ?? 0, failures, "failures after turn \(index)")
                try expectEqual(found?.step.status, last, "the last step after turn \(index)")
            }
            try await bench.work("other", "b", .failed)
            let last = try await bench.store.snapshot().lastSteps
            try expectEqual(last["a"]?.step, Sample.step("r7", "a", .cancelled), "the last step")
            try expectEqual(last["b"]?.failuresInARow, 1, "failures of another asset")
        },
        Check("a failure that is reported twice counts once") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1", ["a"])
            try await bench.append(.step(Sample.step("r1", "a", .failed)), .step(Sample.step("r1", "a", .failed)))
            try await bench.append(.step(Sample.step("r1", "a", .failed)))
            try expectEqual(try await bench.store.snapshot().lastSteps["a"]?.failuresInARow, 1, "failures")
        },
        Check("a materialization comes back with what went in") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            try await bench.begin("r2")
            let first = Sample.materialization("r1", "a", version: "v1")
            var second = Sample.materialization("r2", "a", version: "v2")
            second.extent = .whole
            second.dataTime = nil
            second.materialization.provenance.inputs = [:]
            let other = Sample.materialization("r2", "b", version: "v3")
            try await bench.append(.materialized(first), .materialized(second), .materialized(other))
            let found = try await bench.store.materializations(of: "a", limit: 10)
            try expectEqual(found, [second, first], "materializations")
            try expectEqual(try await bench.store.materializations(of: "a", limit: 1), [second], "the newest")
            let latest = try await bench.store.snapshot().materializations
            try expectEqual(latest, ["a": second, "b": other], "the latest of each")
        },
        Check("a materialization that is reported twice is one") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            let made = Sample.materialization("r1", "a")
            try await bench.append(.materialized(made))
            try await bench.append(.materialized(made))
            try expectEqual(try await bench.store.materializations(of: "a", limit: 10), [made], "materializations")
        },
        Check("a run comes back with its checks, each as it was reported last") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1", ["a", "b"])
            try await bench.begin("r2", ["a"])
            let short = CheckResult(
                name: "row_count/orders",
                severity: .error,
                isPassed: false,
                message: "3 rows are missing",
                details: ["model": 7, "warehouse": 10]
            )
            let fine = CheckResult(name: "row_count/customers", severity: .warn, isPassed: true, message: "10 rows")
            let first = CheckRecord(run: "r1", asset: "a", result: short, at: Sample.time(2))
            let second = CheckRecord(run: "r1", asset: "a", result: fine, at: Sample.time(3))
            var again = first
            again.result.isPassed = true
            again.at = Sample.time(5)
            let other = CheckRecord(run: "r2", asset: "a", result: fine, at: Sample.time(4))
            try await bench.append(.checked(first), .checked(second), .checked(other))
            try await bench.append(.checked(again))
            try expectEqual(try await bench.store.run("r1")?.checks, [again, second], "checks of the first run")
            try expectEqual(try await bench.store.run("r2")?.checks, [other], "checks of the second run")
        },
        Check("a run is shown with the parts of its steps, each as it stands") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            func part(_ name: String, _ status: SubStepStatus, attempt: Int = 1) -> SubStepRecord {
                let ended = status == .running ? nil : Sample.time(9)
                let part = SubStep(
                    name: name,
                    status: status,
                    startedAt: Sample.time(2),
                    endedAt: ended,
                    message: "m",
                    details: ["rows": 3]
                )
                return SubStepRecord(run: "r1", asset: "a", attempt: attempt, subStep: part)
            }
            try await bench.append(.subStep(part("one", .running)), .subStep(part("two", .skipped)))
            try await bench.append(.subStep(part("one", .unchanged)), .subStep(part("one", .failed, attempt: 2)))
            let expected = [part("one", .unchanged), part("two", .skipped), part("one", .failed, attempt: 2)]
            try expectEqual(try await bench.store.run("r1")?.subSteps, expected, "parts")
            let lost = SubStepRecord(run: "none", asset: "a", attempt: 1, subStep: part("x", .running).subStep)
            try await expectRefusal("a part of no run") { () async throws(StoreError) in
                try await bench.store.append([.subStep(lost)], by: bench.writer)
            }
        },
        Check("the lines of a step are numbered, read from any of them on, and bounded") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            func line(_ asset: AssetKey, _ number: Int) -> LogRecord {
                let line = LogLine(at: Sample.time(Int64(number)), level: .warning, message: "line \(number)\n\"é\"")
                return LogRecord(run: "r1", asset: asset, attempt: 2, number: number, line: line)
            }
            try await bench.append(.logged(line("b", 1)), .logged(line("a", 1)), .logged(line("a", 2)))
            let all = try await bench.store.log(LogQuery(run: "r1"))
            try expectEqual(all, [line("a", 1), line("a", 2), line("b", 1)], "all lines")
            let rest = try await bench.store.log(LogQuery(run: "r1", asset: "a", after: 1, limit: 5))
            try expectEqual(rest, [line("a", 2)], "lines after the first")
            try expectEqual(try await bench.store.log(LogQuery(run: "none")), [], "lines of no run")
            try await bench.store.append((2...LogRecord.limit + 5).map { .logged(line("b", $0)) }, by: bench.writer)
            let last = try await bench.store.log(LogQuery(run: "r1", asset: "b", after: LogRecord.limit - 1))
            try expectEqual(last, [line("b", LogRecord.limit)], "last lines")
        },
        Check("an asset is stale since the first decision to run it after its last success") { factory in
            let bench = try await Bench(factory)
            func decide(_ decision: Decision, at now: Int64) async throws -> Int64? {
                try await bench.append(.decided(Sample.decision("a", decision, at: now)))
                let snapshot = try await bench.store.snapshot()
                return snapshot.staleSince["a"].map { $0.milliseconds / 1000 }
            }
            try expectEqual(try await decide(.skip(.upToDate), at: 1), nil, "after a skip")
            try expectEqual(try await decide(.run([.forced]), at: 2), 2, "after the first")
            try expectEqual(try await decide(.run([.forced]), at: 3), 2, "after the second")
            try await bench.begin("r1")
            try await bench.append(.materialized(Sample.materialization("r1", "a")))
            try expectEqual(try await decide(.wait(on: ["b"]), at: 4), nil, "after the success")
            try expectEqual(try await decide(.run([.forced]), at: 5), 5, "after the next")
            try await bench.append(.materialized(Sample.materialization("r1", "a")))
            try expectEqual(try await decide(.run([.forced]), at: 6), 5, "after a report that came twice")
        },
        Check("of calls made together, those that fail do not harm the others") { factory in
            let bench = try await Bench(factory)
            let count = 100
            try await bench.begin("r1", (0..<count).map { AssetKey("asset/\($0)") })
            let refused = await withTaskGroup(of: Int?.self) { group in
                for index in 0..<count {
                    group.addTask {
                        let isBad = index % 3 == 0
                        let step = Sample.step("r1", AssetKey("asset/\(index)"), .running)
                        let bad = RunEvent.ended("no such run", .failed, at: Sample.time(1))
                        let events: [RunEvent] = isBad ? [.step(step), bad] : [.step(step)]
                        do throws(StoreError) {
                            try await bench.store.append(events, by: bench.writer)
                            return nil
                        } catch {
                            return index
                        }
                    }
                }
                return await group.reduce(into: Set<Int>()) { if let index = $1 { $0.insert(index) } }
            }
            let bad = Set((0..<count).filter { $0 % 3 == 0 })
            try expectEqual(refused, bad, "refused calls")
            let steps = try await bench.store.run("r1")?.steps ?? []
            let waiting = steps.enumerated().filter { $1.status == .waiting }.map(\.offset)
            try expectEqual(Set(waiting), bad, "steps that were not written")
        },
    ]
}
