import FreshetCore
import FreshetEngine
import FreshetKit

/// A random history: what happens outside, what Freshet is told, and what befalls it.
package struct History {
    /// How many things happen in one, before it is left alone.
    private static let events = 14...34

    /// Tells the history of a seed, and what the oracle makes of it.
    ///
    /// - Parameters:
    ///   - seed: the same seed gives the same history.
    ///   - shapes: one of which is taken.
    ///   - bug: a mistake to plant; `nil` for none.
    /// - Returns: the verdict, with the shape's name and the trace for a failure.
    package static func tell(seed: UInt64, _ shapes: [Shape], bug: Bug? = nil) -> (verdict: Verdict, trace: [String]) {
        var dice = Dice(seed: seed)
        let shape = dice.pick(shapes)
        var harness = Harness(shape, bug: bug)
        harness.note("shape \(shape.name)")
        for table in shape.signals.indices { harness.look(at: table) }
        let count = dice.roll(events.count) + events.lowerBound
        for _ in 0..<count {
            happen(&dice, &harness)
            if harness.verdict.failure != nil { return (harness.verdict, harness.trace) }
        }
        settle(&harness)
        return (harness.verdict, harness.trace)
    }

    private static func happen(_ dice: inout Dice, _ harness: inout Harness) {
        let table = dice.roll(harness.truth.tables.count)
        switch dice.roll(100) {
        case 0..<22: change(table, &dice, &harness)
        case 22..<44: harness.look(at: table)
        case 44..<50: harness.lookFails(at: table, isAsked: dice.happens(oneIn: 3))
        case 50..<60:
            harness.now = harness.now + .seconds(Double(dice.pick([5, 60, 150, 700, 4000, 30_000, 90_000])))
            harness.serveTimers()
        case 60..<74: harness.serve()
        case 74..<90: work(&dice, &harness)
        case 90..<93: harness.restart()
        case 93..<96: foreign(&dice, &harness)
        case 96..<98: force(&dice, &harness)
        default: touch(table, &harness)
        }
    }

    /// A commit, early or late: its rows may be stamped before rows that are there already.
    private static func change(_ table: Int, _ dice: inout Dice, _ harness: inout Harness) {
        let stamp = Int(harness.now.milliseconds / 1000)
        let isLate = dice.happens(oneIn: 4)
        var rows = harness.truth.tables[table].rows
        switch dice.roll(4) {
        case 0: break
        case 1: rows = max(0, rows - 1 - dice.roll(20))
        case 2: rows = dice.roll(50)
        default: rows += 1 + dice.roll(20)
        }
        harness.truth.tables[table].revision += 1
        harness.truth.tables[table].rows = rows
        if !isLate { harness.truth.tables[table].newestStamp = stamp }
        harness.note("t\(table) changes to r\(harness.truth.tables[table].revision), \(rows) rows")
    }

    /// What moves a version and no row: the same bytes once more, an empty statement.
    private static func touch(_ table: Int, _ harness: inout Harness) {
        harness.truth.tables[table].touches += 1
        harness.note("t\(table) is touched")
    }

    private static func work(_ dice: inout Dice, _ harness: inout Harness) {
        let atWork = harness.atWork
        guard !atWork.isEmpty else { return harness.serve() }
        let (run, asset) = dice.pick(atWork)
        switch dice.roll(12) {
        case 0..<3: harness.read(asset, in: run, count: 1)
        case 3..<9: harness.succeed(asset, in: run)
        case 9: harness.fail(asset, in: run)
        case 10:
            // It did all of the work, and nobody heard.
            harness.read(asset, in: run, count: .max)
            harness.fail(asset, in: run)
        default:
            // What has begun to read is not held any more.
            if harness.hasBegun(asset, in: run) { harness.fail(asset, in: run) } else { harness.hold(asset, in: run) }
        }
    }

    /// Somebody else refreshes a model, or some of it, while Freshet does not.
    private static func foreign(_ dice: inout Dice, _ harness: inout Harness) {
        let model = dice.roll(harness.truth.models.count)
        guard !harness.busy.contains(Shape.model(model)) else { return }
        let isWhole = dice.happens(oneIn: 2)
        for slot in harness.truth.models[model].slots.indices where isWhole || dice.happens(oneIn: 2) {
            harness.truth.read(slot, of: model)
        }
        harness.truth.models[model].excuses.insert(.someoneElse)
        harness.note("somebody refreshes m\(model)")
    }

    /// A person asks for a model, with what feeds it.
    private static func force(_ dice: inout Dice, _ harness: inout Harness) {
        let key = Shape.model(dice.roll(harness.truth.models.count))
        let selected = harness.world.graph.ancestry(of: [key]).filter(\.isMaterialized).map(\.key)
        guard selected.allSatisfy({ !harness.busy.contains($0) }) else { return }
        for table in harness.truth.tables.indices { harness.look(at: table) }
        harness.begin(selected, kind: .manual, forced: dice.happens(oneIn: 2) ? selected : [])
    }

    /// Nothing happens any more, and everything answers: in the end each model has to hold what is there.
    private static func settle(_ harness: inout Harness) {
        for _ in 0..<40 {
            harness.now = harness.now + .seconds(40_000)
            harness.serveTimers()
            for (run, asset) in harness.atWork { harness.succeed(asset, in: run) }
            for table in harness.truth.tables.indices { harness.look(at: table) }
            harness.serve()
            guard harness.runs.isEmpty, harness.world.pending.targets.isEmpty else { continue }
            break
        }
        guard harness.runs.isEmpty else { return harness.fail("it never comes to rest") }
        let seen = harness.truth.planned.revisions
        for model in harness.truth.models.indices {
            let missed = harness.truth.falselySkipped(model, seen: seen)
            if !missed.isEmpty { harness.fail("m\(model) never gets the changes of \(missed.map { "t\($0)" })") }
        }
    }
}
